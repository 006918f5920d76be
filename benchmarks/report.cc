// SPDX-License-Identifier: MIT
// report.cc: makes the rows, runs them, and prints the table or what the library makes of them.
#include "table.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <regex>
#include <sstream>

#include <gnu/libc-version.h>
#include <sched.h>
#include <unistd.h>

namespace bench
{

namespace
{

enum class Form {
    text,
    markdown,
    json
};

struct Options {
    Form form = Form::text;
    bool quick = false;
    bool all = false;
    bool only_rove = false;
    std::string filter = ".";
    std::string child;
    std::vector<std::string> args; // for Google Benchmark
};

Options options;
Rows rows;
AllFigures figures;
std::vector<std::string> notes;

// ---- running ----------------------------------------------------------------------------------

// The CPUs that the process was started on, the last one first: the first has the interrupts.
const std::vector<size_t> &cpus()
{
    static const std::vector<size_t> all = [] {
        cpu_set_t set;
        std::vector<size_t> found;
        if (sched_getaffinity(0, sizeof set, &set) == 0)
            for (size_t cpu = CPU_SETSIZE; cpu-- > 0;)
                if (CPU_ISSET(cpu, &set))
                    found.push_back(cpu);
        return found;
    }();
    return all;
}

// Threads started later inherit it. A machine that does not allow it is measured unpinned.
void pin(const State &state, const How &how)
{
    if (cpus().empty())
        return;
    cpu_set_t set;
    CPU_ZERO(&set);
    if (how.roams)
        for (size_t cpu : cpus())
            CPU_SET(cpu, &set);
    else
        CPU_SET(cpus()[static_cast<size_t>(state.thread_index()) % cpus().size()], &set);
    sched_setaffinity(0, sizeof set, &set);
}

double value_of(const benchmark::BenchmarkReporter::Run &run)
{
    auto value = run.counters.find("value");
    if (value != run.counters.end())
        return value->second;
    for (const char *name : {"bytes_per_second", "items_per_second"}) {
        auto rate = run.counters.find(name);
        if (rate != run.counters.end())
            return 1e9 / rate->second;
    }
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

void enlist(const RowData &row, const Subject &subject)
{
    auto body = [&subject](State &state) {
        pin(state, subject.how);
        subject.body(state);
    };
    auto *made = benchmark::RegisterBenchmark(full_name(row, subject).c_str(), body);
    if (subject.how.wall)
        made->UseRealTime();
    else
        made->MeasureProcessCPUTime();
    if (subject.how.threads > 1)
        made->Threads(subject.how.threads);
    if (subject.how.once || quick())
        made->Iterations(subject.how.once || subject.how.wall ? 1 : 10);
    if (subject.how.exact || quick())
        made->Repetitions(1);
    else if (subject.how.brief)
        made->MinTime(0.005)->Repetitions(81);
}

// A filter that fits any subject keeps the whole row: a figure without its peers says nothing.
void drop_unwanted()
{
    std::regex wanted(options.filter, std::regex::extended);
    for (RowData &row : rows) {
        bool any = false;
        for (const Subject &subject : row.subjects)
            any = any || std::regex_search(full_name(row, subject), wanted);
        if (!any)
            row.subjects.clear();
    }
    for (const RowData &row : rows)
        for (const Subject &subject : row.subjects)
            if (!options.only_rove || subject.role == Role::rove)
                enlist(row, subject);
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

// ---- the command line -------------------------------------------------------------------------

// --quick: everything small, to see that it runs. --all: more repetitions, and every subject's
// figures. --rove: its own subjects only, for a profiler. The rest is Google Benchmark's.
void parse(int argc, char **argv)
{
    auto value = [](const char *arg, const char *name, std::string &out) {
        size_t len = std::strlen(name);
        bool fits = std::strncmp(arg, name, len) == 0;
        if (fits)
            out = arg + len;
        return fits;
    };
    std::vector<std::string> rest;
    for (int i = 1; i < argc; i++) {
        std::string arg = argv[i];
        if (arg == "--quick")
            options.quick = true;
        else if (arg == "--all")
            options.all = true;
        else if (arg == "--rove")
            options.only_rove = true;
        else if (arg == "--markdown")
            options.form = Form::markdown;
        else if (arg == "--json")
            options.form = Form::json;
        else if (!value(argv[i], "--child=", options.child) &&
                 !value(argv[i], "--benchmark_filter=", options.filter))
            rest.push_back(arg);
    }
    options.args = {argv[0], "--benchmark_enable_random_interleaving=true",
                    "--benchmark_min_time=0.05",
                    std::string("--benchmark_repetitions=") + (options.quick ? "1"
                                                               : options.all ? "15"
                                                                             : "9")};
    options.args.insert(options.args.end(), rest.begin(), rest.end()); // the last one counts
}

// The library has no table for us: it would print its own lines.
void hand_to_library()
{
    std::vector<char *> pointers;
    for (std::string &arg : options.args)
        pointers.push_back(arg.data());
    int count = static_cast<int>(pointers.size());
    pointers.push_back(nullptr);
    benchmark::Initialize(&count, pointers.data());
    if (benchmark::ReportUnrecognizedArguments(count, pointers.data()))
        std::exit(2);
}

void note_machine()
{
    double load[1] = {0};
    if (getloadavg(load, 1) != 1)
        load[0] = -1;
    std::ostringstream text;
    text.precision(2);
    text << "gcc " << __VERSION__ << ", glibc " << gnu_get_libc_version() << "; " << cpus().size()
         << " CPUs, load " << std::fixed << load[0] << " at the start; large objects of "
         << large() / MiB << " MiB";
    note(text.str());
}

void run_for_json()
{
    benchmark::JSONReporter json;
    json.SetOutputStream(&std::cout);
    json.SetErrorStream(&std::cerr);
    for (size_t i = 0; i < notes.size(); i++)
        benchmark::AddCustomContext("note_" + std::to_string(i + 1), notes[i]);
    Collector collector(&json);
    run_rows(collector);
    collector.end();
}

// The usual way; programs whose rows are all of the other kind say what theirs is in a note.
bool any_is_pinned()
{
    for (const RowData &row : rows)
        for (const Subject &subject : row.subjects)
            if (!subject.how.roams)
                return true;
    return false;
}

void run_for_table()
{
    bool markdown = options.form == Form::markdown;
    const char *mark = markdown ? "- " : "  ";
    Collector collector(nullptr);
    run_rows(collector);
    std::printf("%s%s\n\n%smedians of %s%s\n%sratio: rove's figure over the other's; below 1 rove is "
                "ahead\n",
                markdown ? "## " : "", bench_title(), mark,
                options.quick ? "one short run, which proves nothing"
                              : "repetitions that were interleaved at random",
                !options.quick && any_is_pinned() ? "; CPU time of the process, pinned" : "", mark);
    for (const std::string &text : notes)
        std::printf("%s%s\n", mark, text.c_str());
    std::printf("\n");
    Table table = {rows, figures};
    table.print(markdown);
    if (options.all) {
        std::printf("\nEvery subject: median, least and most of its repetitions.\n\n");
        table.print_all(markdown);
    }
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

Row &Row::bound(std::string name, Body body, How how)
{
    return add(Role::bound, std::move(name), std::move(body), how);
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

void note(const std::string &text)
{
    notes.push_back(text);
}

bool quick()
{
    return options.quick;
}

bool thorough()
{
    return options.all;
}

} // namespace bench

int main(int argc, char **argv)
{
    using namespace bench;
    parse(argc, argv);
    if (!options.child.empty()) {
        std::printf("%.6f\n", bench_child(options.child));
        return 0;
    }
    hand_to_library();
    note_machine();
    bench_rows();
    drop_unwanted();
    if (options.form == Form::json)
        run_for_json();
    else
        run_for_table();
    return 0;
}
