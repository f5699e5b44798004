//! The table of all commands. What a command does is up to the screens.

use super::{Command, Group, Needs, Scope, needs};
use crate::app::action::{Action, What};
use crate::app::line_input::Edit;
use crate::domain::search::{SortKey, StateFilter};

const fn bind(
    scope: Scope,
    keys: &'static [&'static str],
    action: Action,
    name: &'static str,
    label: &'static str,
    group: Group,
    hint: u8,
) -> Command {
    Command { scope, keys, action, name, aliases: &[], takes: "", label, group, hint, needs: needs::nothing }
}

/// A command with arguments or without a binding.
const fn typed(
    aliases: &'static [&'static str],
    takes: &'static str,
    action: Action,
    name: &'static str,
    label: &'static str,
    group: Group,
) -> Command {
    Command {
        scope: Scope::Typed,
        keys: &[],
        action,
        name,
        aliases,
        takes,
        label,
        group,
        hint: 0,
        needs: needs::nothing,
    }
}

impl Command {
    const fn needs(self, needs: Needs) -> Command {
        Command { needs, ..self }
    }

    const fn takes(self, takes: &'static str) -> Command {
        Command { takes, ..self }
    }

    const fn called(self, aliases: &'static [&'static str]) -> Command {
        Command { aliases, ..self }
    }
}

use Action as A;
use Group as G;
use Scope as S;

/// All commands, in the order the help shows them.
#[rustfmt::skip]
pub const TABLE: &[Command] = &[
    // Movement, the same in the table and in every other list.
    bind(S::Global, &["j", "Down"],          A::Down,            "down",             "row down",             G::Move,   0),
    bind(S::Global, &["k", "Up"],            A::Up,              "up",               "row up",               G::Move,   0),
    bind(S::Global, &["gg", "Home"],         A::First,           "first",            "first row",            G::Move,   0),
    bind(S::Global, &["G", "End"],           A::Last,            "last",             "last row, 123G row 123", G::Move, 0),
    bind(S::Global, &["^d"],                 A::HalfDown,        "half-down",        "half a page down",     G::Move,   0),
    bind(S::Global, &["^u"],                 A::HalfUp,          "half-up",          "half a page up",       G::Move,   0),
    bind(S::Global, &["^f", "PgDn"],         A::PageDown,        "page-down",        "a page down",          G::Move,   0),
    bind(S::Global, &["PgUp"],               A::PageUp,          "page-up",          "a page up",            G::Move,   0),

    bind(S::Table,  &["h", "Left"],          A::FocusLeft,       "column-left",      "column left",          G::Move,   0),
    bind(S::Table,  &["l", "Right"],         A::FocusRight,      "column-right",     "column right",         G::Move,   0),
    bind(S::Table,  &["Tab"],                A::Inspector,       "inspector",        "to the inspector",     G::Move,   0),
    bind(S::Table,  &["e", "i", "Enter"],    A::Edit,            "edit-field",       "edit",                 G::Change, 1).needs(needs::a_row),
    bind(S::Table,  &["c"],                  A::ClearAndEdit,    "change",           "clear and edit",       G::Change, 0).needs(needs::a_row),
    bind(S::Table,  &["d", "Del"],           A::Clear,           "clear",            "clear",                G::Change, 0).needs(needs::a_row).called(&["delete", "empty"]).takes("[FIELD]"),
    bind(S::Table,  &["o"],                  A::Pick,            "pick",             "pick",                 G::Change, 2).needs(needs::a_row).called(&["subtitle", "caption", "choose"]),
    bind(S::Table,  &["P"],                  A::Pair,            "pair",             "pair",                 G::Change, 3).needs(needs::rows),
    bind(S::Table,  &["T"],                  A::Template,        "template",         "template",             G::Change, 0).needs(needs::a_row).called(&["pattern", "rest"]),
    bind(S::Table,  &["x"],                  A::Exclude,         "exclude",          "exclude, restore",     G::Change, 0).needs(needs::a_row).called(&["remove", "leave-out"]),
    bind(S::Table,  &["."],                  A::Fix,             "fix",              "apply the fix",        G::Change, 0).needs(needs::a_row),
    bind(S::Table,  &["u"],                  A::Undo,            "undo",             "undo",                 G::Change, 0).needs(needs::something_done),
    bind(S::Table,  &["U", "^r"],            A::Redo,            "redo",             "redo",                 G::Change, 0).needs(needs::something_undone),
    bind(S::Table,  &["y"],                  A::YankMenu,        "yank",             "copy",                 G::Change, 0).needs(needs::a_row),
    bind(S::Table,  &["p"],                  A::Put,             "put",              "put what was copied",  G::Change, 0).needs(needs::a_row).called(&["paste"]),
    bind(S::Table,  &["space"],              A::Select,          "select",           "select",               G::Select, 4).needs(needs::a_row),
    bind(S::Table,  &["v"],                  A::SelectRange,     "select-range",     "range",                G::Select, 0).needs(needs::a_row),
    bind(S::Table,  &["a"],                  A::SelectAll,       "select-all",       "all in view",          G::Select, 0).needs(needs::rows),
    bind(S::Table,  &["/"],                  A::Search,          "search",           "search",               G::Find,   0).needs(needs::rows).called(&["find"]),
    bind(S::Table,  &["n"],                  A::SearchNext,      "search-next",      "next match",           G::Find,   0).needs(needs::a_search),
    bind(S::Table,  &["N"],                  A::SearchPrevious,  "search-previous",  "previous match",       G::Find,   0).needs(needs::a_search),
    bind(S::Table,  &["f"],                  A::Filter,          "filter",           "filter",               G::Find,   5).needs(needs::rows),
    bind(S::Table,  &["F"],                  A::FilterByState,   "filter-by-state",  "filter by state",      G::Find,   0).needs(needs::rows),
    bind(S::Table,  &["s"],                  A::Sort,            "sort",             "sort",                 G::Find,   0).needs(needs::rows),
    bind(S::Table,  &["r"],                  A::Refresh,         "refresh",          "filter and sort again", G::Find,  0).needs(needs::rows),
    bind(S::Table,  &["}"],                  A::NextProblem,     "next-problem",     "next problem",         G::Find,   6).needs(needs::findings),
    bind(S::Table,  &["{"],                  A::PreviousProblem, "previous-problem", "previous problem",     G::Find,   0).needs(needs::findings),
    bind(S::Table,  &["]"],                  A::NextError,       "next-error",       "next error",           G::Find,   0).needs(needs::findings),
    bind(S::Table,  &["["],                  A::PreviousError,   "previous-error",   "previous error",       G::Find,   0).needs(needs::findings),
    bind(S::Table,  &["!"],                  A::Problems,        "problems",         "list of problems",     G::Find,   0).needs(needs::rows).called(&["errors", "findings", "validate"]),
    bind(S::Table,  &["R"],                  A::Review,          "review",           "review",               G::Send,   7).needs(needs::rows),

    bind(S::Editor, &["Enter"],              A::Accept,          "keep",             "keep and go down",     G::Change, 1),
    bind(S::Editor, &["Tab"],                A::Complete,        "complete",         "complete",             G::Change, 2),
    bind(S::Editor, &["^t"],                 A::TakeFix,         "take-fix",         "take the fix",         G::Change, 3),
    bind(S::Editor, &["^r"],                 A::ListAgain,       "list-bucket",      "list this bucket",     G::Find,   4),
    bind(S::Editor, &["^n", "Down"],         A::Down,            "next-completion",  "next completion",      G::Move,   0),
    bind(S::Editor, &["^p", "Up"],           A::Up,              "previous-completion", "previous completion", G::Move, 0),
    bind(S::Editor, &["Esc"],                A::Back,            "leave-as-it-was",  "as it was",            G::Leave,  5),

    bind(S::Find,   &["^n", "Down"],         A::Down,            "next-found",       "next",                 G::Move,   0),
    bind(S::Find,   &["^p", "Up"],           A::Up,              "previous-found",   "previous",             G::Move,   0),
    bind(S::Find,   &["Enter"],              A::Accept,          "find",             "keep it",              G::Find,   1),
    bind(S::Find,   &["Esc"],                A::Back,            "stop-finding",     "clear it",             G::Leave,  2),

    bind(S::Picker, &["Enter"],              A::Accept,          "use",              "use it",               G::Change, 1),
    bind(S::Picker, &["^n", "Down"],         A::Down,            "next-key",         "next",                 G::Move,   2),
    bind(S::Picker, &["^p", "Up"],           A::Up,              "previous-key",     "previous",             G::Move,   3),
    bind(S::Picker, &["PgDn"],               A::PageDown,        "page-of-keys-down", "a page down",         G::Move,   0),
    bind(S::Picker, &["PgUp"],               A::PageUp,          "page-of-keys-up",  "a page up",            G::Move,   0),
    bind(S::Picker, &["^e"],                 A::UseAndEdit,      "use-and-edit",     "use and edit",         G::Change, 4),
    bind(S::Picker, &["^r"],                 A::ListAgain,       "list-again",       "list again",           G::Find,   5),
    bind(S::Picker, &["Esc"],                A::Back,            "leave-picker",     "leave as it was",      G::Leave,  6),

    bind(S::Palette, &["Enter"],             A::Accept,          "run",              "run",                  G::Find,   1),
    bind(S::Palette, &["^n", "Down"],        A::Down,            "next-command",     "next",                 G::Move,   2),
    bind(S::Palette, &["^p", "Up"],          A::Up,              "previous-command", "previous",             G::Move,   3),
    bind(S::Palette, &["PgDn"],              A::PageDown,        "page-of-commands-down", "a page down",     G::Move,   0),
    bind(S::Palette, &["PgUp"],              A::PageUp,          "page-of-commands-up", "a page up",         G::Move,   0),
    bind(S::Palette, &["Tab"],               A::Complete,        "complete-command", "complete",             G::Change, 4),
    bind(S::Palette, &["Esc"],               A::Back,            "leave-palette",    "close",                G::Leave,  5),

    bind(S::Help,   &["Enter"],              A::Accept,          "do-it",            "do it",                G::Find,   1),
    bind(S::Help,   &["Tab"],                A::OtherScope,      "all-screens",      "all screens",          G::Find,   2),
    bind(S::Help,   &["PgDn"],               A::PageDown,        "next-page-of-help", "next page",           G::Move,   3),
    bind(S::Help,   &["PgUp"],               A::PageUp,          "previous-page-of-help", "previous page",   G::Move,   0),
    bind(S::Help,   &["^n", "Down"],         A::Down,            "next-help",        "next",                 G::Move,   0),
    bind(S::Help,   &["^p", "Up"],           A::Up,              "previous-help",    "previous",             G::Move,   0),
    bind(S::Help,   &["Esc"],                A::Back,            "leave-help",       "close",                G::Leave,  3),

    bind(S::Problems, &["Enter"],            A::Accept,          "to-rows",          "rows",                 G::Find,   1),
    bind(S::Problems, &["."],                A::Fix,             "fix-one",          "fix one",              G::Change, 2),
    bind(S::Problems, &["A"],                A::FixAll,          "fix-all",          "fix all",              G::Change, 3),
    bind(S::Problems, &["X"],                A::FixEverything,   "fix-everything",   "fix everything",       G::Change, 4).needs(needs::findings),
    bind(S::Problems, &["F"],                A::OnlyThese,       "only-these",       "only these rows",      G::Find,   4),
    bind(S::Problems, &["u"],                A::Undo,            "undo-fix",         "undo",                 G::Change, 0).needs(needs::something_done),
    bind(S::Problems, &["Esc", "q"],         A::Back,            "leave-problems",   "table",                G::Leave,  5),

    bind(S::Pair,   &["A"],                  A::TakeAll,         "take-all-sure",    "take all sure",        G::Change, 1).needs(needs::rows),
    bind(S::Pair,   &["Enter"],              A::Accept,          "decide",           "decide",               G::Answer, 2).needs(needs::rows),
    bind(S::Pair,   &["a"],                  A::TakeClass,       "take-class",       "take this class",      G::Change, 3).needs(needs::rows),
    bind(S::Pair,   &["u"],                  A::Undo,            "undo-taking",      "undo",                 G::Change, 4).needs(needs::something_done),
    bind(S::Pair,   &["o"],                  A::Sources,         "keys-to-pair",     "keys",                 G::Find,   5),
    bind(S::Pair,   &["x"],                  A::Exclude,         "exclude-unpaired", "exclude these",        G::Change, 6).needs(needs::rows),
    bind(S::Pair,   &["R"],                  A::Review,          "review-pairs",     "review",               G::Send,   7).needs(needs::rows),
    bind(S::Pair,   &["Esc", "q"],           A::Back,            "leave-pairs",      "table",                G::Leave,  8),

    bind(S::Decide, &["s"],                  A::Leave,           "leave-row",        "leave",                G::Answer, 2),
    bind(S::Decide, &["x"],                  A::Exclude,         "exclude-row",      "exclude",              G::Answer, 3).needs(needs::rows),
    bind(S::Decide, &["u"],                  A::Undo,            "back-to-last",     "back",                 G::Change, 4),
    bind(S::Decide, &["T"],                  A::Same,            "same-for-all",     "same for all like it", G::Answer, 5).needs(needs::rows),
    bind(S::Decide, &["o"],                  A::Pick,            "pick-another",     "pick",                 G::Change, 6).needs(needs::rows),
    bind(S::Decide, &["Enter"],              A::Accept,          "take-in-hand",     "take the one in hand", G::Answer, 0).needs(needs::rows),
    bind(S::Decide, &["j", "Down"],          A::Down,            "preview-next",     "preview the next",     G::Move,   0),
    bind(S::Decide, &["k", "Up"],            A::Up,              "preview-previous", "preview the previous", G::Move,   0),
    bind(S::Decide, &["}"],                  A::NextProblem,     "next-question",    "next question",        G::Find,   7),
    bind(S::Decide, &["{"],                  A::PreviousProblem, "previous-question", "previous question",   G::Find,   0),
    bind(S::Decide, &["Esc", "q"],           A::Back,            "leave-deciding",   "pairs",                G::Leave,  8),

    bind(S::Bulk,   &["Enter"],              A::Accept,          "change-these",     "change",               G::Answer, 1),
    bind(S::Bulk,   &["Tab"],                A::NextCount,       "next-count",       "next count",           G::Find,   2),
    bind(S::Bulk,   &["^p"],                 A::Earlier,         "earlier",          "earlier ones",         G::Find,   3),
    bind(S::Bulk,   &["^n"],                 A::Later,           "later",            "later ones",           G::Find,   0),
    bind(S::Bulk,   &["Down"],               A::Down,            "other-line",       "other line",           G::Move,   0),
    bind(S::Bulk,   &["Up"],                 A::Up,              "line-before",      "line before",          G::Move,   0),
    bind(S::Bulk,   &["PgDn"],               A::PageDown,        "more-values",      "more of the values",   G::Move,   0),
    bind(S::Bulk,   &["PgUp"],               A::PageUp,          "values-before",    "values before",        G::Move,   0),
    bind(S::Bulk,   &["Esc"],                A::Back,            "as-it-was",        "as it was",            G::Leave,  5),

    bind(S::Breaks, &["Y"],                  A::Confirm,         "write-errors",     "write them",           G::Answer, 1),
    bind(S::Breaks, &["Esc"],                A::Back,            "no-errors",        "leave them",           G::Leave,  2),

    bind(S::Merge,  &["A"],                  A::TakeAll,         "merge-all-sure",   "take all sure",        G::Change, 1).needs(needs::rows),
    bind(S::Merge,  &["Enter"],              A::Accept,          "merge-decide",     "decide",               G::Answer, 2),
    bind(S::Merge,  &["a"],                  A::TakeClass,       "merge-class",      "take this class",      G::Change, 3).needs(needs::rows),
    bind(S::Merge,  &["u"],                  A::Undo,            "undo-merge",       "undo",                 G::Change, 4).needs(needs::rows),
    bind(S::Merge,  &["y"],                  A::CopyGone,        "copy-gone",        "copy gone",            G::Find,   5),
    bind(S::Merge,  &["P"],                  A::Pair,            "pair-new",         "pair new",             G::Change, 6).needs(needs::rows),
    bind(S::Merge,  &["Esc", "q"],           A::Back,            "leave-merge",      "table",                G::Leave,  6),
    bind(S::MergeRows, &["a"],               A::TakeClass,       "take-their-class", "take all sure of these", G::Change, 3).needs(needs::rows),
    bind(S::MergeRows, &["u"],               A::Undo,            "undo-answer",      "undo",                 G::Change, 4).needs(needs::rows),
    bind(S::MergeRows, &["Esc", "q"],        A::Back,            "leave-merge-rows", "back",                 G::Leave,  6),
    bind(S::LeaveMerge, &["Y"],              A::Confirm,         "leave-untaken",    "leave",                G::Answer, 1),
    bind(S::LeaveMerge, &["Esc"],            A::Back,            "stay-in-merge",    "stay",                 G::Leave,  2),

    bind(S::Review, &["d"],                  A::Revert,          "revert",           "put back the old value", G::Change, 1),
    bind(S::Review, &["Enter"],              A::Accept,          "to-row",           "go to row",            G::Find,   2),
    bind(S::Review, &["S"],                  A::Submit,          "submit",           "upload",               G::Send,   3).needs(needs::rows_to_send),
    bind(S::Review, &["^s"],                 A::Save,            "save-reviewed",    "save",                 G::Send,   4).needs(needs::unsaved_changes),
    bind(S::Review, &["}"],                  A::NextProblem,     "first-error",      "first error",          G::Find,   0).needs(needs::findings),
    bind(S::Review, &["u"],                  A::Undo,            "undo-revert",      "undo",                 G::Change, 0).needs(needs::something_done),
    bind(S::Review, &["Esc", "q"],           A::Back,            "leave-review",     "table",                G::Leave,  5),

    bind(S::Recovery, &["t"],                A::Take,            "take-recovered",   "take these changes",   G::Answer, 1),
    bind(S::Recovery, &["d"],                A::Drop,            "drop-recovered",   "drop them",            G::Answer, 2),

    bind(S::Gate,   &["Y"],                  A::Confirm,         "upload",           "upload",               G::Answer, 1),
    bind(S::Gate,   &["c"],                  A::Curl,            "copy-curl",        "copy the curl command", G::Send,  2),
    bind(S::Gate,   &["^s"],                 A::Save,            "save-first",       "save",                 G::Send,   3).needs(needs::unsaved_changes),
    bind(S::Gate,   &["K"],                  A::AnotherKey,      "key",              "another API key",      G::Send,   4),
    bind(S::Gate,   &["}"],                  A::NextProblem,     "to-first-error",   "first error",          G::Find,   0).needs(needs::findings),
    bind(S::Gate,   &["Esc", "q"],           A::Back,            "leave-gate",       "back, nothing is sent", G::Leave, 5),

    bind(S::Sending, &["^c"],                A::Interrupt,       "stop-sending",     "stop",                 G::Answer, 1),

    bind(S::Settle, &["A"],                  A::ItWasAccepted,   "it-was-accepted",  "it was accepted",      G::Answer, 1),
    bind(S::Settle, &["N"],                  A::ItWasNot,        "it-was-not",       "it was not",           G::Answer, 2),
    bind(S::Result, &["F"],                  A::Follow,          "follow",           "follow",               G::Find,   4),
    bind(S::Result, &["K"],                  A::AnotherKey,      "another-key",      "another key",          G::Send,   3),
    bind(S::Result, &["S"],                  A::Submit,          "send-again",       "send again",           G::Send,   4).needs(needs::rows_to_send),
    bind(S::Result, &["O"],                  A::OpenItsFile,     "open-its-file",    "open its file",        G::Find,   3).needs(needs::all_saved),
    bind(S::Result, &["y"],                  A::Curl,            "copy-reply",       "copy",                 G::Change, 5),
    bind(S::Result, &["^s"],                 A::SaveReply,       "save-reply",       "save reply",           G::Change, 6),
    bind(S::Result, &["/"],                  A::Search,          "search-reply",     "search",               G::Find,   7),
    bind(S::Result, &["n"],                  A::SearchNext,      "next-in-reply",    "next match",           G::Find,   0),
    bind(S::Result, &["N"],                  A::SearchPrevious,  "previous-in-reply", "previous match",      G::Find,   0),
    bind(S::Result, &["h"],                  A::Headers,         "headers",          "headers",              G::Find,   0),
    bind(S::Result, &["Esc", "q"],           A::Back,            "leave-result",     "back",                 G::Leave,  9),

    bind(S::Log,    &["Enter"],              A::Accept,          "show-submission",  "result",               G::Find,   1),
    bind(S::Log,    &["F"],                  A::Follow,          "follow-this",      "follow",               G::Find,   2),
    bind(S::Log,    &["f"],                  A::Filter,          "filter-log",       "filter",               G::Find,   3),
    bind(S::Log,    &["Esc", "q"],           A::Back,            "leave-log",        "back",                 G::Leave,  4),

    bind(S::Follow, &["Tab"],                A::NextCount,       "to-rows-of-count", "tasks",                G::Move,   2),
    bind(S::Follow, &["Enter"],              A::Accept,          "rows-in-table",    "rows in the table",    G::Find,   3),
    bind(S::Follow, &["D"],                  A::DraftToRetry,    "draft-to-retry",   "draft to retry",       G::Change, 5),
    bind(S::Follow, &["r"],                  A::AskNow,          "ask-now",          "ask now",              G::Find,   4),
    bind(S::Follow, &["K"],                  A::AnotherKey,      "key-to-follow",    "another key",          G::Send,   6),
    bind(S::Follow, &["O"],                  A::OpenItsFile,     "open-followed-file", "open its file",      G::Find,   5),
    bind(S::Follow, &["y"],                  A::Curl,            "copy-follow",      "copy task or command", G::Change, 0),
    bind(S::Follow, &["^c"],                 A::StopFollowing,   "stop-following",   "stop",                 G::Leave,  0),
    bind(S::Follow, &["Esc", "q"],           A::Back,            "leave-follow",     "back",                 G::Leave,  7),

    bind(S::Keys,   &["Enter"],              A::Accept,          "use-source",       "use them",             G::Answer, 1),
    bind(S::Keys,   &["^r"],                 A::ListAgain,       "read-source-again", "read again",          G::Find,   2),
    bind(S::Keys,   &["d"],                  A::Clear,           "remove-source",    "remove",               G::Change, 3),
    bind(S::Keys,   &["u"],                  A::Undo,            "source-back",      "bring back",           G::Change, 0),
    bind(S::Keys,   &["Esc", "q"],           A::Back,            "leave-keys",       "back",                 G::Leave,  4),

    bind(S::AddSource, &["Enter"],           A::Accept,          "use-found",        "use it",               G::Answer, 1),
    bind(S::AddSource, &["^n", "Down"],      A::Down,            "next-source",      "next",                 G::Move,   2),
    bind(S::AddSource, &["^p", "Up"],        A::Up,              "previous-source",  "previous",             G::Move,   3),
    bind(S::AddSource, &["Tab"],             A::Complete,        "complete-path",    "complete",             G::Type,   4),
    bind(S::AddSource, &["Esc"],             A::Back,            "no-source",        "back",                 G::Leave,  6),

    bind(S::Template, &["Enter"],            A::Accept,          "fill-rows",        "fill",                 G::Answer, 1),
    bind(S::Template, &["Tab"],              A::NextCount,       "next-fit",         "next count",           G::Find,   2),
    bind(S::Template, &["^n"],               A::Later,           "next-template",    "saved ones",           G::Find,   3),
    bind(S::Template, &["^p"],               A::Earlier,         "template-before",  "the one before",       G::Find,   0),
    bind(S::Template, &["^s"],               A::KeepTemplate,    "keep-template",    "save it",              G::Change, 4),
    bind(S::Template, &["Down"],             A::Down,            "next-row-of-it",   "other row",            G::Move,   0),
    bind(S::Template, &["Up"],               A::Up,              "row-before-of-it", "row before",           G::Move,   0),
    bind(S::Template, &["PgDn"],             A::PageDown,        "more-rows-of-it",  "more rows",            G::Move,   0),
    bind(S::Template, &["PgUp"],             A::PageUp,          "rows-of-it-before", "rows before",         G::Move,   0),
    bind(S::Template, &["Esc"],              A::Back,            "fill-nothing",     "as it was",            G::Leave,  5),

    bind(S::Chooser, &["Enter"],             A::Accept,          "open-it",          "open",                 G::Find,   1),
    bind(S::Chooser, &["f", "/"],            A::Filter,          "filter-files",     "filter",               G::Find,   4),
    bind(S::Chooser, &["O"],                 A::OpenAnother,     "type-path",        "type a path",          G::Find,   2),
    bind(S::Chooser, &["q"],                 A::Quit,            "leave",            "quit",                 G::Leave,  3),

    bind(S::Unreadable, &["E"],              A::EditFile,        "edit-here",        "open in $EDITOR here", G::Change, 1),
    bind(S::Unreadable, &["r"],              A::ReadAgain,       "read-again",       "read again",           G::Find,   2),
    bind(S::Unreadable, &["O"],              A::OpenAnother,     "another-file",     "another file",         G::Find,   3),
    bind(S::Unreadable, &["q"],              A::Quit,            "leave-unreadable", "quit",                 G::Leave,  4),

    bind(S::Prompt, &["Enter"],              A::Accept,          "answer",           "take it",              G::Answer, 1),
    bind(S::Prompt, &["Esc"],                A::Back,            "no-answer",        "leave",                G::Leave,  2),

    bind(S::Yank,   &["v"],                  A::Yank(What::Value), "yank-value",     "value",                G::Answer, 1),
    bind(S::Yank,   &["r"],                  A::Yank(What::Row), "yank-row",         "row",                  G::Answer, 2),
    bind(S::Yank,   &["c"],                  A::Yank(What::Curl), "yank-curl",       "curl",                 G::Answer, 3),
    bind(S::Yank,   &["s"],                  A::Yank(What::Sha256), "yank-sha256",   "SHA-256",              G::Answer, 4),
    bind(S::Yank,   &["Esc"],                A::Back,            "no-yank",          "nothing",              G::Leave,  5),

    bind(S::FilterBy, &["m"],                A::Show(StateFilter::Missing),  "show-missing",  "missing",   G::Answer, 1),
    bind(S::FilterBy, &["e"],                A::Show(StateFilter::Error),    "show-errors",   "errors",    G::Answer, 2),
    bind(S::FilterBy, &["w"],                A::Show(StateFilter::Warning),  "show-warnings", "warnings",  G::Answer, 3),
    bind(S::FilterBy, &["c"],                A::Show(StateFilter::Edited),   "show-edited",   "edited",    G::Answer, 4),
    bind(S::FilterBy, &["x"],                A::Show(StateFilter::Excluded), "show-excluded", "excluded",  G::Answer, 5),
    bind(S::FilterBy, &["s"],                A::Show(StateFilter::Selected), "show-selected", "selected",  G::Answer, 6),
    bind(S::FilterBy, &["a"],                A::Show(StateFilter::All),      "show-all",      "all",       G::Answer, 7),
    bind(S::FilterBy, &["p"],                A::Show(StateFilter::Proposed), "show-proposed", "proposed",  G::Answer, 8),
    bind(S::FilterBy, &["d"],                A::Show(StateFilter::ToDecide), "show-to-decide", "to decide", G::Answer, 9),
    bind(S::FilterBy, &["Esc"],              A::Back,            "no-filter-change", "as it is",             G::Leave,  10),

    bind(S::SortBy, &["f"],                  A::SortBy(SortKey::File),       "sort-by-file",       "file order", G::Answer, 1),
    bind(S::SortBy, &["v"],                  A::SortBy(SortKey::Video),      "sort-by-video",      "video",      G::Answer, 2),
    bind(S::SortBy, &["t"],                  A::SortBy(SortKey::Transcript), "sort-by-transcript", "transcript", G::Answer, 3),
    bind(S::SortBy, &["l"],                  A::SortBy(SortKey::Language),   "sort-by-language",   "language",   G::Answer, 4),
    bind(S::SortBy, &["s"],                  A::SortBy(SortKey::State),      "sort-by-state",      "state",      G::Answer, 5),
    bind(S::SortBy, &["Esc"],                A::Back,            "no-sort-change",   "as it is",             G::Leave,  6),

    bind(S::Quit,   &["s"],                  A::SaveAndQuit,     "save-and-quit",    "save and quit",        G::Answer, 1),
    bind(S::Quit,   &["d"],                  A::DiscardAndQuit,  "discard-and-quit", "discard and quit",     G::Answer, 2),
    bind(S::Quit,   &["Esc"],                A::Back,            "stay",             "stay",                 G::Leave,  3),

    bind(S::Changed, &["o"],                 A::Overwrite,       "overwrite",        "write over it",        G::Answer, 1),
    bind(S::Changed, &["m"],                 A::MergeWithDisk,   "merge-with-disk",  "merge with it",        G::Answer, 3),
    bind(S::Changed, &["r"],                 A::ReadAgain,       "read-from-disk",   "read it again",        G::Answer, 2),
    bind(S::Changed, &["Esc"],               A::Back,            "leave-unsaved",    "leave it, not saved",  G::Leave,  4),

    bind(S::CheckOnline, &["t"],             A::CheckTranscripts, "check-transcripts", "only transcripts",    G::Answer, 1),
    bind(S::CheckOnline, &["v"],             A::CheckEverything, "check-everything", "videos too",           G::Answer, 2),
    bind(S::CheckOnline, &["Esc"],           A::Back,            "ask-nothing",      "nothing",              G::Leave,  3),

    bind(S::Input,  &["^u"],                 A::Text(Edit::DeleteToStart),  "delete-to-start",   "clear",            G::Type, 4),
    bind(S::Input,  &["^k"],                 A::Text(Edit::DeleteToEnd),    "delete-to-end",     "delete to the end", G::Type, 0),
    bind(S::Input,  &["^w", "alt-Backspace"], A::Text(Edit::DeleteWordLeft), "delete-word",      "delete a word",    G::Type, 0),
    bind(S::Input,  &["alt-d"],              A::Text(Edit::DeleteWordRight), "delete-next-word", "delete the next word", G::Type, 0),
    bind(S::Input,  &["Backspace"],          A::Text(Edit::DeleteLeft),     "delete-left",       "delete left",      G::Type, 0),
    bind(S::Input,  &["Del", "^d"],          A::Text(Edit::DeleteRight),    "delete-right",      "delete right",     G::Type, 0),
    bind(S::Input,  &["Home", "^a"],         A::Text(Edit::Home),           "line-start",        "to the start",     G::Type, 0),
    bind(S::Input,  &["End", "^e"],          A::Text(Edit::End),            "line-end",          "to the end",       G::Type, 0),
    bind(S::Input,  &["Left", "^b"],         A::Text(Edit::Left),           "char-left",         "left",             G::Type, 0),
    bind(S::Input,  &["Right", "^f"],        A::Text(Edit::Right),          "char-right",        "right",            G::Type, 0),
    bind(S::Input,  &["alt-b"],              A::Text(Edit::WordLeft),       "word-left",         "a word left",      G::Type, 0),
    bind(S::Input,  &["alt-f"],              A::Text(Edit::WordRight),      "word-right",        "a word right",     G::Type, 0),
    bind(S::Input,  &["^_", "^7"],                 A::Text(Edit::Undo),           "undo-typing",       "undo typing",      G::Type, 0),
    bind(S::Input,  &["alt-_"],              A::Text(Edit::Redo),           "redo-typing",       "redo typing",      G::Type, 0),

    bind(S::Global, &["^s"],                 A::Save,            "save",             "save",                 G::Send,   8).needs(needs::unsaved_changes),
    bind(S::Global, &["L"],                  A::Log,             "log",              "earlier uploads",      G::Send,   9),
    bind(S::Global, &[":"],                  A::Palette,         "palette",          "commands",             G::Find,   0),
    bind(S::Global, &["?"],                  A::Help,            "help",             "help",                 G::Leave,  0),
    bind(S::Always, &["F1"],                 A::Help,            "help-anywhere",    "help",                 G::Leave,  0),
    bind(S::Global, &["Esc"],                A::Back,            "back",             "one layer up",         G::Leave,  0),
    bind(S::Global, &["q"],                  A::Quit,            "quit",             "quit",                 G::Leave,  0).called(&["q", "exit", "close", "leave-program"]),
    bind(S::Always, &["^c"],                 A::Interrupt,       "stop",             "stop what runs; twice quits", G::Leave, 0),
    bind(S::Always, &["^z"],                 A::Suspend,         "suspend",          "suspend",              G::Leave,  0),

    typed(&["w", "write"], "[PATH]",      A::Write,         "write",          "save, or save a copy elsewhere", G::Send).needs(needs::rows),
    typed(&["w!"],         "",            A::WriteOver,     "write-over",     "save over what another program changed", G::Send).needs(needs::rows),
    typed(&["reload"],     "",            A::Reload,        "reload",         "read the file again, unsaved changes are kept", G::Find).needs(needs::at_rest),
    typed(&["e!"],         "",            A::ReloadAndDrop, "reload-and-drop", "read the file again, unsaved changes are dropped", G::Find).needs(needs::at_rest),
    typed(&["q!"],         "",            A::QuitNow,       "quit-and-drop",  "quit and drop what is not saved", G::Leave),
    typed(&["x", "wq"],    "",            A::SaveIfNeededAndQuit, "save-and-leave", "save and quit",        G::Leave),
    typed(&["open", "e"],  "[PATH]",      A::OpenFile,      "open",           "open another manifest",          G::Find).needs(needs::all_saved),
    typed(&["source"],     "SOURCE",      A::ReadSource,    "source",         "read transcript keys: s3://bucket/prefix or a file", G::Find).needs(needs::rows),
    typed(&["sources"],    "",            A::Sources,       "sources",        "where transcript keys come from", G::Find).needs(needs::rows),
    typed(&["set"],        "FIELD VALUE", A::SetField,      "set",            "set language, index or transcript of the selection", G::Change).needs(needs::a_row),
    typed(&["replace"],    "[FIELD]",     A::Replace,       "replace",        "find and replace in the selection", G::Change).needs(needs::a_row),
    typed(&["copy-above"], "[FIELD]",     A::CopyAbove,     "copy-above",     "copy from the row above into the selection", G::Change).needs(needs::a_row),
    typed(&["restore"],    "",            A::Restore,       "restore",        "put excluded rows of the selection back", G::Change).needs(needs::a_row),
    typed(&["invert"],     "",            A::InvertSelection, "invert",       "select the rows in view that are not selected", G::Select).needs(needs::rows),
    typed(&["hide"],       "COLUMN",      A::HideColumn,    "hide",           "hide the column video, lang or transcript", G::Find).needs(needs::rows),
    typed(&["widen"],      "COLUMN",      A::WidenColumn,   "widen",          "widen the column video, lang or transcript", G::Find).needs(needs::rows),
    typed(&["columns"],    "",            A::AllColumns,    "columns",        "show all columns at their usual width", G::Find).needs(needs::rows),
    typed(&["merge"],      "EXPORT",      A::Merge,         "merge",          "carry transcripts over into a fresh export", G::Change).needs(needs::rows),
    typed(&["edit"],       "",            A::HandOver,      "edit",           "edit the focused value in $EDITOR", G::Change).needs(needs::a_row),
    typed(&["check"],      "[all]",       A::Check,         "check",          "check the selection online, or all rows", G::Send).needs(needs::rows),
    typed(&["recheck"],    "[all]",       A::Recheck,       "recheck",        "check again what is already known",   G::Send).needs(needs::rows),
    typed(&["evidence"],   "PART",        A::ReadPart,      "evidence",       "take in what one part of a divided check found", G::Find).needs(needs::rows),
    typed(&["pause"],      "",            A::PauseCheck,    "pause",          "pause the online check",         G::Send),
    typed(&["resume"],     "",            A::ResumeCheck,   "resume",         "resume the online check",        G::Send),
    typed(&["forget"],     "TEMPLATE",    A::ForgetTemplate, "forget",        "drop a saved template",          G::Change).needs(needs::rows),
    typed(&["forget-recovered"], "",      A::ForgetJournal, "forget-recovered", "drop the edits of a crashed session", G::Leave),
    typed(&["tour"],       "[off]",       A::Tour,          "tour",           "start the demo's tour here, or end it", G::Leave),
    typed(&["theme", "colors", "colours"], "", A::Theme,    "theme",          "which colours are used",         G::Leave),
    typed(&["settings", "config", "preferences", "options"], "", A::Settings, "settings", "which file the settings are in", G::Leave),
    typed(&["demo"],       "",            A::Demo,          "demo",           "leave this and open the sandbox with its sample", G::Leave).needs(needs::the_sandbox),
    typed(&["follow"],     "[N]",         A::FollowAttempt, "follow-attempt", "what became of the sent rows", G::Find),
    typed(&["submit", "upload", "send"], "",            A::OpenGate,      "open-gate",      "open the upload; nothing is sent yet",         G::Send).needs(needs::rows_to_send),
];
