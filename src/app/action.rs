//! The actions that commands request. The screen in front interprets them; several commands may request the same one.

use crate::app::line_input::Edit;
use crate::domain::search::{SortKey, StateFilter};

/// What a binding, a menu entry or a `:` command requests.
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
    /// `:hide COLUMN`
    HideColumn,
    /// `:widen COLUMN`
    WidenColumn,
    /// `:columns`
    AllColumns,
    /// `:evidence PART`: takes over what a part of a divided check learnt.
    ReadPart,
    /// `:merge EXPORT`: carries the open manifest's transcripts over into a fresh export.
    Merge,
    /// Merges the draft into what another program wrote to the file.
    MergeWithDisk,
    /// Copies the transcripts of rows that are not in the export.
    CopyGone,
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
    /// Selects the next count of a bulk change.
    NextCount,
    /// Recalls an earlier input of the same form.
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
    /// Writes the body of a reply to a file.
    SaveReply,
    /// `:receipt [N] [PATH]`: shows the receipt of an attempt.
    Receipt,
    /// Writes the receipt to a new file.
    SaveReceipt,
    CopyReceipt,
    /// Compares another file with the receipt.
    VerifyReceipt,
    /// Keeps a template by name.
    KeepTemplate,
    Review,
    Submit,
    Log,
    Confirm,
    Curl,
    AnotherKey,
    /// Opens the file a result belongs to.
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
    /// `:w!`: overwrites another program's changes and accepts what the file would lose.
    WriteOver,
    /// `:reload`: reads the file again and redoes unsaved changes on it.
    Reload,
    /// `:e!`: reads the file again and drops unsaved changes.
    ReloadAndDrop,
    /// `:q!`: quits and drops unsaved changes.
    QuitNow,
    /// `:x`
    SaveIfNeededAndQuit,
    /// `:open [PATH]`
    OpenFile,
    /// Opens the screen that fills rows by a template.
    Template,
    /// `:sources`
    Sources,
    /// `:source SOURCE`
    ReadSource,
    /// `:set FIELD VALUE`
    SetField,
    /// `:edit`: opens the focused value in `$EDITOR`.
    HandOver,
    /// `:check [all]`
    Check,
    /// `:recheck [all]`
    Recheck,
    PauseCheck,
    ResumeCheck,
    /// `:forget TEMPLATE`
    ForgetTemplate,
    /// `:forget-recovered`: drops a crashed session's edits from the journal.
    ForgetJournal,
    Demo,
    /// `:tour [off]`
    Tour,
    /// Offers all fixes of all rules at once.
    FixEverything,
    /// `:theme`
    Theme,
    /// `:settings`
    Settings,
    /// `:submit [tasks]`
    OpenGate,
    /// Opens the gate before a send row by row.
    RowByRow,
    /// Private videos by presigned link, or not.
    PresignedLinks,
    /// Pauses rows, or lets them go on.
    PauseRows,
    /// Ends after the rows under way; a second time leaves those unknown.
    StopRows,
    /// What became of the rows of the attempt in hand.
    Follow,
    /// `:follow [N]`
    FollowAttempt,
    AskNow,
    StopFollowing,
    /// Makes a draft of the rows that may be sent again.
    DraftToRetry,
    /// `:draft STATE`: of the rows in this state.
    DraftOf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    Value,
    Row,
    Curl,
    Sha256,
}
