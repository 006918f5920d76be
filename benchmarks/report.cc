// SPDX-License-Identifier: MIT
// report.cc: runs the rows and prints the table, or hands all to Google Benchmark's own reporters.
#include "report.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <regex>
#include <sstream>

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

namespace bench
{

namespace
{

bool is_quick, is_json, show_all, only_rove;
size_t large_len = GiB;
std::deque<RowData> rows; // a deque, as Row holds on to its element

// What the repetitions of a subject gave.
struct Figures {
    std::vector<double> values;
    std::string error;

    double median() const
    {
        std::vector<double> sorted = values;
        std::sort(sorted.begin(), sorted.end());
        size_t n = sorted.size();
        return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    }
    double least() const
    {
        return *std::min_element(values.begin(), values.end());
    }
    double most() const
    {
        return *std::max_element(values.begin(), values.end());
    }
};

std::map<std::string, Figures> figures; // by "row/subject"

// ---- running ----------------------------------------------------------------------------------

double value_of(const benchmark::BenchmarkReporter::Run &run)
{
    auto value = run.counters.find("value");
    if (value != run.counters.end())
        return value->second;
    auto rate = run.counters.find("items_per_second");
    if (rate != run.counters.end())
        return 1e9 / rate->second;
    return run.cpu_accumulated_time / static_cast<double>(run.iterations) * 1e9;
}

// Collects all repetitions, and passes them on to the library's JSON reporter where one is wanted.
// The rows are run one after the other, but the JSON is to be one document.
class Collector : public benchmark::BenchmarkReporter
{
public:
    explicit Collector(BenchmarkReporter *passed) : next(passed)
    {
    }
    bool ReportContext(const Context &context) override
    {
        bool first = !started;
        started = true;
        return first && next ? next->ReportContext(context) : true;
    }
    void ReportRuns(const std::vector<Run> &runs) override
    {
        if (next)
            next->ReportRuns(runs);
        for (const Run &run : runs) {
            if (run.run_type != Run::RT_Iteration)
                continue;
            Figures &all = figures[run.run_name.function_name];
            if (run.error_occurred)
                all.error = run.error_message;
            else
                all.values.push_back(value_of(run));
        }
    }
    void Finalize() override // after each row
    {
    }
    void end()
    {
        if (next && started)
            next->Finalize();
    }

private:
    BenchmarkReporter *next;
    bool started = false;
};

std::string full_name(const RowData &row, const Subject &subject)
{
    return row.name + "/" + subject.name;
}

void enlist(const RowData &row, const Subject &subject)
{
    auto *made = benchmark::RegisterBenchmark(
        full_name(row, subject).c_str(), [&subject](State &state) { subject.body(state); });
    if (subject.how.wall)
        made->UseRealTime();
    else
        made->MeasureProcessCPUTime();
    if (subject.how.threads > 1)
        made->Threads(subject.how.threads);
    if (subject.how.once || is_quick)
        made->Iterations(subject.how.once || subject.how.wall ? 1 : 10);
    if (subject.how.exact || is_quick)
        made->Repetitions(1);
}

std::string quoted(const std::string &text)
{
    std::string out;
    for (char c : text) {
        if (std::strchr(".[]()*+?{}|^$\\", c))
            out += '\\';
        out += c;
    }
    return out;
}

// ---- the table --------------------------------------------------------------------------------

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

std::string shown(double value, const std::string &unit)
{
    if (!unit.empty())
        return (value < 9.995 ? format("%.4f", value) : digits(value)) + " " + unit;
    static const char *const units[] = {"ns", "us", "ms", "s"};
    size_t i = 0;
    for (; value >= 999.5 && i < 3; i++)
        value /= 1000;
    return digits(value) + " " + units[i];
}

const Figures *figures_of(const RowData &row, const Subject &subject)
{
    auto found = figures.find(full_name(row, subject));
    return found == figures.end() || found->second.values.empty() ? nullptr : &found->second;
}

const Subject *find_subject(const RowData &row, Role role, const std::string &name)
{
    const Subject *best = nullptr;
    for (const Subject &subject : row.subjects) {
        const Figures *mine = figures_of(row, subject);
        if (!mine)
            continue;
        if (!name.empty()) {
            if (subject.name == name)
                return &subject;
        } else if (subject.role == role) {
            if (role != Role::peer) // the first one
                return &subject;
            if (!best || mine->median() < figures_of(row, *best)->median())
                best = &subject;
        }
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

enum class Met { yes, least, no, unknown };

struct Verdict {
    std::string text; // the ratio that was measured, in the goal's own direction
    Met met;
};

Verdict judge(const RowData &row, const Goal &goal)
{
    const Subject *rove = find_subject(row, Role::rove, "");
    const Subject *other = find_subject(row, Role::peer, goal.beside);
    if (!rove || !other)
        return {"-", Met::unknown};
    const Figures &a = *figures_of(row, *rove), &b = *figures_of(row, *other);
    double ratio = a.median() / b.median();
    Verdict verdict = {ratio_text(goal, ratio), Met::no};
    if (ratio <= goal.most)
        verdict.met = Met::yes;
    else if (a.least() / b.least() <= goal.most)
        verdict.met = Met::least;
    return verdict;
}

const char *met_text(Met met)
{
    switch (met) {
    case Met::yes:
        return "yes";
    case Met::least:
        return "by the least";
    case Met::no:
        return "NO";
    default:
        return "peer missing";
    }
}

using Line = std::vector<std::string>;

Line row_line(const RowData &row)
{
    Line line = {row.name, "-", "-", "", "-", "", "", "", ""};
    const Subject *rove = find_subject(row, Role::rove, "");
    if (!rove)
        return line;
    const Figures &mine = *figures_of(row, *rove);
    line[1] = shown(mine.median(), row.unit) + " (" + shown(mine.least(), row.unit) + ")";
    const Subject *others[] = {find_subject(row, Role::peer, ""),
                               find_subject(row, Role::limit, "")};
    for (size_t i = 0; i < 2; i++) {
        if (!others[i])
            continue;
        double theirs = figures_of(row, *others[i])->median();
        line[2 + 2 * i] = shown(theirs, row.unit) + " " + others[i]->name;
        line[3 + 2 * i] = digits(mine.median() / theirs) + "x";
    }
    return line;
}

// Display columns of UTF-8 text.
size_t width_of(const std::string &text)
{
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

void print_lines(const std::vector<Line> &lines)
{
    std::vector<size_t> width(lines[0].size(), 0);
    for (const Line &line : lines)
        for (size_t i = 0; i < line.size(); i++)
            width[i] = std::max(width[i], width_of(line[i]));
    for (const Line &line : lines) {
        std::string text;
        for (size_t i = 0; i < line.size(); i++)
            text += line[i] + std::string(width[i] - width_of(line[i]) + 2, ' ');
        text.erase(text.find_last_not_of(' ') + 1);
        std::printf("%s\n", text.c_str());
    }
}

void print_all()
{
    std::printf("\nevery subject: median, least and most of its repetitions\n\n");
    std::vector<Line> lines = {{"row", "subject", "median", "least", "most", ""}};
    for (const RowData &row : rows)
        for (const Subject &subject : row.subjects) {
            auto found = figures.find(full_name(row, subject));
            if (found == figures.end())
                continue;
            const Figures &f = found->second;
            if (f.values.empty())
                lines.push_back({row.name, subject.name, "-", "-", "-", f.error});
            else
                lines.push_back({row.name, subject.name, shown(f.median(), row.unit),
                                 shown(f.least(), row.unit), shown(f.most(), row.unit), f.error});
        }
    print_lines(lines);
}

void print_table()
{
    std::vector<Line> lines = {{"row", "rove (least)", "best peer", "ratio", "limit", "ratio",
                                "goal", "is", "met?"}};
    size_t met = 0, goals = 0;
    for (const RowData &row : rows) {
        if (!find_subject(row, Role::rove, ""))
            continue;
        lines.push_back(row_line(row));
        for (size_t i = 0; i < row.goals.size(); i++) {
            if (i > 0)
                lines.push_back(Line(9));
            Verdict verdict = judge(row, row.goals[i]);
            Line &line = lines.back();
            line[6] = goal_text(row.goals[i]);
            line[7] = verdict.text;
            line[8] = met_text(verdict.met);
            goals += verdict.met != Met::unknown;
            met += verdict.met == Met::yes;
        }
    }
    std::printf("%s\n", bench_title());
    std::printf("medians of %s; ratio: rove's figure over the other's, below 1 rove is ahead; "
                "large objects: %zu MiB\n\n",
                is_quick ? "one short run, which proves nothing" : "process CPU time, interleaved",
                large() / MiB);
    print_lines(lines);
    std::printf("\n%zu of %zu goals met\n", met, goals);
    if (show_all)
        print_all();
}

// ---- the command line -------------------------------------------------------------------------

// Rows keep some 8 objects of this length at a time.
size_t length_for_memory()
{
    std::ifstream file("/proc/meminfo");
    std::string word;
    size_t kilobytes = 0;
    while (file >> word)
        if (word == "MemAvailable:")
            file >> kilobytes;
    size_t len = GiB;
    while (len > 64 * MiB && kilobytes && kilobytes / 12 < len / KiB)
        len /= 2;
    return len;
}

struct Options {
    std::vector<std::string> args; // for Google Benchmark
    std::string filter = ".";
    std::string child;
};

bool take(const char *arg, const char *name, std::string *value_out)
{
    size_t len = std::strlen(name);
    if (std::strncmp(arg, name, len) != 0)
        return false;
    *value_out = arg + len;
    return true;
}

Options parse(int argc, char **argv)
{
    Options options;
    std::string value;
    options.args = {argv[0], "--benchmark_enable_random_interleaving=true",
                    "--benchmark_repetitions=5", "--benchmark_min_time=0.04"};
    for (int i = 1; i < argc; i++) {
        if (std::strcmp(argv[i], "--quick") == 0)
            is_quick = true;
        else if (std::strcmp(argv[i], "--all") == 0)
            show_all = true;
        else if (std::strcmp(argv[i], "--rove") == 0) // for a profiler
            only_rove = true;
        else if (std::strcmp(argv[i], "--json") == 0 ||
                 std::strcmp(argv[i], "--benchmark_format=json") == 0)
            is_json = true;
        else if (take(argv[i], "--child=", &options.child) ||
                 take(argv[i], "--benchmark_filter=", &options.filter))
            continue;
        else
            options.args.push_back(argv[i]);
    }
    if (is_quick)
        options.args.push_back("--benchmark_repetitions=1");
    return options;
}

// The library has no table for us: it would print its own lines.
void hand_to_library(Options &options)
{
    std::vector<char *> pointers;
    for (std::string &arg : options.args)
        pointers.push_back(arg.data());
    int count = static_cast<int>(pointers.size());
    pointers.push_back(nullptr);
    benchmark::Initialize(&count, pointers.data());
    if (benchmark::ReportUnrecognizedArguments(count, pointers.data()))
        std::exit(2);
    benchmark::AddCustomContext("large_object_bytes", std::to_string(large()));
}

void run_rows(Collector &collector)
{
    size_t done = 0;
    bool tell = isatty(STDERR_FILENO) != 0;
    for (const RowData &row : rows) {
        done++;
        if (tell)
            std::fprintf(stderr, "\r\033[K[%zu/%zu] %s", done, rows.size(), row.name.c_str());
        if (!row.subjects.empty())
            benchmark::RunSpecifiedBenchmarks(&collector, "^" + quoted(row.name) + "/");
        if (row.after)
            row.after();
    }
    if (tell)
        std::fprintf(stderr, "\r\033[K");
}

// A filter that fits any subject keeps the whole row: a figure without its peers says nothing.
void drop_unwanted(const std::string &filter)
{
    std::regex wanted(filter, std::regex::extended);
    for (RowData &row : rows) {
        bool any = false;
        for (const Subject &subject : row.subjects)
            any = any || std::regex_search(full_name(row, subject), wanted);
        if (!any)
            row.subjects.clear();
    }
    for (const RowData &row : rows)
        for (const Subject &subject : row.subjects)
            if (!only_rove || subject.role == Role::rove)
                enlist(row, subject);
}

} // namespace

// ---- rows -------------------------------------------------------------------------------------

Goal at_most(double ratio, std::string beside)
{
    return {std::move(beside), ratio, false};
}

Goal faster(double times, std::string beside)
{
    return {std::move(beside), 1 / times, true};
}

Row::Row(std::string name) : data(rows.emplace_back())
{
    data.name = std::move(name);
}

Row &Row::add(Role role, std::string name, Body body, How how)
{
    data.subjects.push_back({role, std::move(name), std::move(body), how});
    return *this;
}

Row &Row::rove(Body body, How how)
{
    return add(Role::rove, "rove", std::move(body), how);
}

Row &Row::peer(std::string name, Body body, How how)
{
    return add(Role::peer, std::move(name), std::move(body), how);
}

Row &Row::limit(std::string name, Body body, How how)
{
    return add(Role::limit, std::move(name), std::move(body), how);
}

Row &Row::goal(Goal goal)
{
    data.goals.push_back(std::move(goal));
    return *this;
}

Row &Row::unit(std::string unit)
{
    data.unit = std::move(unit);
    return *this;
}

Row &Row::after(std::function<void()> hook)
{
    data.after = std::move(hook);
    return *this;
}

// ---- shared -----------------------------------------------------------------------------------

bool quick()
{
    return is_quick;
}

size_t large()
{
    return is_quick ? 16 * MiB : large_len;
}

size_t medium()
{
    return is_quick ? 4 * MiB : 64 * MiB;
}

Pages::Pages(size_t n) : len(n)
{
    void *memory = mmap(nullptr, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        die("mmap");
    at = static_cast<char *>(std::memset(memory, 0, n));
}

Pages::~Pages()
{
    munmap(at, len);
}

const char *source()
{
    static const Pages *const made = [] {
        auto *room = new Pages(2 * MiB);
        std::mt19937_64 random(7);
        for (size_t i = 0; i < MiB; i++)
            room->data()[i] = static_cast<char>(random());
        std::memcpy(room->data() + MiB, room->data(), MiB);
        return room;
    }();
    return made->data();
}

void die(const char *what)
{
    std::fprintf(stderr, "benchmark: %s\n", what);
    std::exit(1);
}

void malloc_keeps(bool keeps)
{
    mallopt(M_MMAP_MAX, keeps ? 0 : 65536);
    mallopt(M_MMAP_THRESHOLD, 32 << 20); // where glibc itself would arrive after some frees
    mallopt(M_TRIM_THRESHOLD, keeps ? -1 : 128 * 1024);
    if (!keeps)
        malloc_trim(0);
}

void malloc_forget()
{
    malloc_trim(0);
}

size_t resident()
{
    std::ifstream file("/proc/self/statm");
    size_t all = 0, mine = 0;
    file >> all >> mine;
    return mine * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

double run_child(const std::string &job, const std::string &preload)
{
    char self[4096];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    if (len <= 0)
        return -1;
    self[len] = 0;
    std::string command = preload.empty() ? "" : "LD_PRELOAD='" + preload + "' ";
    command += std::string("'") + self + "' --child='" + job + "'" + (quick() ? " --quick" : "");
    FILE *pipe = popen(command.c_str(), "r");
    if (!pipe)
        return -1;
    double value = -1;
    if (std::fscanf(pipe, "%lf", &value) != 1)
        value = -1;
    return pclose(pipe) == 0 ? value : -1;
}

} // namespace bench

int main(int argc, char **argv)
{
    using namespace bench;
    Options options = parse(argc, argv);
    large_len = length_for_memory();
    if (!options.child.empty()) {
        std::printf("%.6f\n", bench_child(options.child));
        return 0;
    }
    hand_to_library(options);
    bench_rows();
    drop_unwanted(options.filter);
    benchmark::JSONReporter json;
    if (is_json) {
        json.SetOutputStream(&std::cout);
        json.SetErrorStream(&std::cerr);
    }
    Collector collector(is_json ? &json : nullptr);
    run_rows(collector);
    collector.end();
    if (!is_json)
        print_table();
    return 0;
}
