//! What a command asks for. The screen in front gives it its meaning; several commands may ask for the same.

use crate::app::line_input::Edit;
use crate::domain::search::{SortKey, StateFilter};

/// What a key asks for. The screen in front gives it its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    Down,
    Up,
    FocusLeft,
    FocusRight,
    First,
    Last,
    PageDown,
    PageUp,
    HalfDown,
    HalfUp,
    Edit,
    ClearAndEdit,
    Clear,
    Exclude,
    Pick,
    /// Pairs rows and transcripts.
    Pair,
    TakeAll,
    TakeClass,
    /// Of numbered choices, the one of the number that was pressed.
    Choose,
    /// Leaves a row undecided.
    Leave,
    /// The last answer, for all rows that ask the same.
    Same,
    /// The sources of transcript keys.
    Keys,
    Fix,
    FixAll,
    /// `:replace [FIELD]`
    Replace,
    /// `:copy-above [FIELD]`
    CopyAbove,
    /// `:invert`
    InvertSelection,
    /// `:restore`
    Restore,
    /// Another of the counts is chosen.
    NextCount,
    /// What was typed before into the same form.
    Earlier,
    Later,
    Undo,
    Redo,
    Put,
    Select,
    SelectRange,
    SelectAll,
    Search,
    SearchNext,
    SearchPrevious,
    Filter,
    FilterByState,
    Sort,
    Refresh,
    NextProblem,
    PreviousProblem,
    NextError,
    PreviousError,
    Problems,
    OnlyThese,
    Inspector,
    YankMenu,
    Yank(What),
    Show(StateFilter),
    SortBy(SortKey),
    Save,
    Review,
    Submit,
    Log,
    Confirm,
    Curl,
    AnotherKey,
    /// Opens the file that a result is of.
    OpenItsFile,
    ItWasAccepted,
    ItWasNot,
    Headers,
    Revert,
    Take,
    Drop,
    SaveAndQuit,
    DiscardAndQuit,
    Overwrite,
    CheckTranscripts,
    CheckEverything,
    ReadAgain,
    EditFile,
    OpenAnother,
    Accept,
    Back,
    Complete,
    TakeFix,
    UseAndEdit,
    ListAgain,
    OtherScope,
    Palette,
    Help,
    Interrupt,
    Suspend,
    Quit,
    Text(Edit),
    /// `:w [PATH]`
    Write,
    /// `:w!`: over what another program wrote, and with what the file would lose.
    WriteOver,
    /// `:reload`: changes that are not saved are done again on what is read.
    Reload,
    /// `:e!`: they are dropped.
    ReloadAndDrop,
    /// Quits and drops what is not saved.
    QuitNow,
    /// `:x`
    SaveIfNeededAndQuit,
    /// `:open [PATH]`
    OpenFile,
    /// `:source SOURCE`
    ReadSource,
    /// `:set FIELD VALUE`
    SetField,
    /// The focused value in $EDITOR.
    HandOver,
    /// `:check [all]`
    Check,
    /// `:recheck [all]`
    Recheck,
    PauseCheck,
    ResumeCheck,
    /// Drops what the journal holds of a crashed session.
    ForgetJournal,
    Demo,
    /// `:tour [off]`
    Tour,
    /// Every fix of every rule at once.
    FixEverything,
    /// `:theme`
    Theme,
    /// `:submit`
    OpenGate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    Value,
    Row,
    Curl,
    Sha256,
}
