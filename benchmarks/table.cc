// SPDX-License-Identifier: MIT
// table.cc: the figures of all subjects, judged and printed.
#include "table.h"

#include <algorithm>
#include <cstdio>

namespace bench
{

double Figures::median() const
{
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    size_t n = sorted.size();
    return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

double Figures::least() const
{
    return *std::min_element(values.begin(), values.end());
}

double Figures::most() const
{
    return *std::max_element(values.begin(), values.end());
}

namespace
{

using Line = std::vector<std::string>;

// ---- numbers ----------------------------------------------------------------------------------

std::string format(const char *pattern, double value)
{
    char text[64];
    std::snprintf(text, sizeof text, pattern, value);
    return text;
}

// Three digits of a number.
std::string digits(double value)
{
    return format(value < 9.995 ? "%.2f" : value < 99.95 ? "%.1f" : "%.0f", value);
}

// "MB/s", "M lines/s": a speed, kept as nanoseconds a thing.
bool is_speed(const std::string &unit)
{
    return unit.size() > 3 && unit[0] == 'M' && unit.compare(unit.size() - 2, 2, "/s") == 0;
}

std::string shown(double value, const std::string &unit)
{
    if (is_speed(unit))
        return digits(1000 / value) + " " + unit;
    if (!unit.empty())
        return (value < 9.995 ? format("%.4f", value) : digits(value)) + " " + unit;
    static const char *const units[] = {"ns", "us", "ms", "s"};
    size_t i = 0;
    for (; value >= 999.5 && i < 3; i++)
        value /= 1000;
    return digits(value) + " " + units[i];
}

// ---- judging ----------------------------------------------------------------------------------

const Figures *figures_of(const Table &table, const RowData &row, const Subject &subject)
{
    auto found = table.figures.find(full_name(row, subject));
    return found == table.figures.end() || found->second.values.empty() ? nullptr : &found->second;
}

// A subject and its figures, or neither.
struct Found {
    const Subject *subject = nullptr;
    const Figures *figures = nullptr;
};

Found named(const Table &table, const RowData &row, const std::string &name)
{
    for (const Subject &subject : row.subjects)
        if (subject.name == name && figures_of(table, row, subject))
            return {&subject, figures_of(table, row, subject)};
    return {};
}

// The first of a role; of the peers, the best.
Found of_role(const Table &table, const RowData &row, Role role)
{
    Found best;
    for (const Subject &subject : row.subjects) {
        const Figures *mine = figures_of(table, row, subject);
        if (!mine || subject.role != role)
            continue;
        if (!best.subject || (role == Role::peer && mine->median() < best.figures->median()))
            best = {&subject, mine};
    }
    return best;
}

// A ratio as precise as its goal: 1.03 is not 1.002.
std::string ratio_text(const Goal &goal, double ratio)
{
    double value = goal.as_faster ? 1 / ratio : ratio;
    return goal.most > 1 && goal.most < 1.01 ? format("%.4f", value) : digits(value);
}

std::string goal_text(const Goal &goal)
{
    std::string beside = goal.beside.empty() ? "best peer" : goal.beside;
    return (goal.as_faster ? ">= " : "<= ") + ratio_text(goal, goal.most) + "x " + beside;
}

enum class Met {
    yes,
    least,
    bounded,
    no,
    unknown
};

// A row's bounds, in the order of the row.
std::vector<Found> bounds_of(const Table &table, const RowData &row)
{
    std::vector<Found> all;
    for (const Subject &subject : row.subjects)
        if (subject.role == Role::bound && figures_of(table, row, subject))
            all.push_back({&subject, figures_of(table, row, subject)});
    return all;
}

// What bounds a goal: the row's bounds, and beside a peer its limit, too, which nobody can beat.
std::vector<Found> bounds_of(const Table &table, const RowData &row, const Goal &goal)
{
    std::vector<Found> all = bounds_of(table, row);
    Found limit = of_role(table, row, Role::limit);
    if (goal.beside.empty() && limit.figures)
        all.push_back(limit);
    return all;
}

struct Verdict {
    std::string text; // the ratio that was measured, in the goal's own direction
    Met met;
};

Verdict judge(const Table &table, const RowData &row, const Goal &goal)
{
    Found rove = of_role(table, row, Role::rove);
    Found other =
        goal.beside.empty() ? of_role(table, row, Role::peer) : named(table, row, goal.beside);
    if (!rove.figures || !other.figures)
        return {"-", Met::unknown};
    double ratio = rove.figures->median() / other.figures->median();
    Verdict verdict = {ratio_text(goal, ratio), Met::no};
    if (ratio <= goal.most)
        verdict.met = Met::yes;
    else if (rove.figures->least() / other.figures->least() <= goal.most)
        verdict.met = Met::least;
    else
        for (const Found &bound : bounds_of(table, row, goal))
            if (bound.figures->median() > goal.most * other.figures->median() &&
                bound.figures->median() < 1.05 * rove.figures->median()) // what rove beats is no bound
                verdict.met = Met::bounded;
    return verdict;
}

const char *met_text(Met met)
{
    switch (met) {
    case Met::yes:
        return "yes";
    case Met::least:
        return "by the least";
    case Met::bounded:
        return "bounded";
    case Met::no:
        return "NO";
    default:
        return "not measured";
    }
}

// ---- printing ---------------------------------------------------------------------------------

Line row_line(const Table &table, const RowData &row)
{
    Line line = {row.name, "-", "-", "", "-", "", "", "", ""};
    Found rove = of_role(table, row, Role::rove);
    if (rove.figures)
        line[1] = shown(rove.figures->median(), row.unit);
    if (rove.figures && rove.figures->values.size() > 1)
        line[1] += " (" + shown(rove.figures->least(), row.unit) + ")";
    const Found others[] = {of_role(table, row, Role::peer), of_role(table, row, Role::limit)};
    for (size_t i = 0; i < 2; i++) {
        if (!others[i].figures)
            continue;
        double theirs = others[i].figures->median();
        line[2 + 2 * i] = shown(theirs, row.unit) + " " + others[i].subject->name;
        if (rove.figures)
            line[3 + 2 * i] = digits(rove.figures->median() / theirs) + "x";
    }
    return line;
}

// The bounds of a row, below its limit.
std::vector<Line> bound_lines(const Table &table, const RowData &row)
{
    std::vector<Line> lines;
    Found rove = of_role(table, row, Role::rove);
    for (const Found &bound : bounds_of(table, row)) {
        Line line(9);
        double least = bound.figures->median();
        line[4] = shown(least, row.unit) + " " + bound.subject->name;
        if (rove.figures)
            line[5] = digits(rove.figures->median() / least) + "x";
        lines.push_back(line);
    }
    return lines;
}

// Display columns of UTF-8 text.
size_t width_of(const std::string &text)
{
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

// The first line is the heading.
void print_lines(const std::vector<Line> &lines, bool markdown)
{
    std::vector<size_t> width(lines[0].size(), 3);
    for (const Line &line : lines)
        for (size_t i = 0; i < line.size(); i++)
            width[i] = std::max(width[i], width_of(line[i]));
    const char *before = markdown ? "| " : "", *between = markdown ? " | " : "  ";
    for (const Line &line : lines) {
        std::string text = before;
        for (size_t i = 0; i < line.size(); i++)
            text += line[i] + std::string(width[i] - width_of(line[i]), ' ') + between;
        text.erase(text.find_last_not_of(' ') + 1);
        std::printf("%s\n", text.c_str());
        if (markdown && &line == &lines[0]) {
            for (size_t columns : width)
                std::printf("|%s", std::string(columns + 2, '-').c_str());
            std::printf("|\n");
        }
    }
}

} // namespace

void Table::print(bool markdown) const
{
    std::vector<Line> lines = {
        {"row", "rove (least)", "best peer", "ratio", "limit", "ratio", "goal", "is", "met?"}};
    size_t met = 0, least = 0, bounded = 0, goals = 0;
    for (const RowData &row : rows) {
        if (row.subjects.empty())
            continue;
        size_t first = lines.size();
        lines.push_back(row_line(*this, row));
        std::vector<Line> bounds = bound_lines(*this, row);
        lines.resize(first + std::max(1 + bounds.size(), row.goals.size()), Line(9));
        for (size_t i = 0; i < bounds.size(); i++)
            lines[first + 1 + i] = bounds[i];
        for (size_t i = 0; i < row.goals.size(); i++) {
            Verdict verdict = judge(*this, row, row.goals[i]);
            Line &line = lines[first + i];
            line[6] = goal_text(row.goals[i]);
            line[7] = verdict.text;
            line[8] = met_text(verdict.met);
            goals += verdict.met != Met::unknown;
            met += verdict.met == Met::yes;
            least += verdict.met == Met::least;
            bounded += verdict.met == Met::bounded;
        }
    }
    print_lines(lines, markdown);
    std::printf("\n%zu of %zu goals met by the medians, %zu more by the least figures; %zu ask for less than a "
                "bound takes.\n",
                met, goals, least, bounded);
}

void Table::print_all(bool markdown) const
{
    std::vector<Line> lines = {{"row", "subject", "median", "least", "most", ""}};
    for (const RowData &row : rows)
        for (const Subject &subject : row.subjects) {
            auto found = figures.find(full_name(row, subject));
            if (found == figures.end())
                continue;
            const Figures &f = found->second;
            Line line = {row.name, subject.name, "-", "-", "-", f.error};
            if (!f.values.empty()) {
                line[2] = shown(f.median(), row.unit);
                line[3] = shown(f.least(), row.unit);
                line[4] = shown(f.most(), row.unit);
            }
            lines.push_back(line);
        }
    print_lines(lines, markdown);
}

} // namespace bench
