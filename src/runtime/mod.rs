//! The loop: terminal input, results and signals in; frames and effects out. It decides nothing.

mod check_part;
mod cues;
mod external;
mod follow;
mod input;
mod journal;
mod load;
mod online;
mod receipt;
mod recent;
mod rows;
mod save;
mod transcript_keys;
mod upload;
mod work;
mod world;

use crate::app::burst::Listening;
use crate::app::msg::Moment;
use crate::app::{self, Effect, Model, Msg, update};
use crate::terminal::{self, Guard};
use crate::ui;
use crossterm::event::Event;
use external::{Editor, Errand, Handed, Turn};
use input::Input;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use rustix::process::Signal as Number;
use std::io::{self, Stdout};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::{Id, JoinError};
use tokio::time::Instant;
use work::Worker;
pub use world::World;

/// Minimum interval between frames.
const FRAME: Duration = Duration::from_millis(16);
/// Shorter after a keystroke, however many results keep the screen changing.
const FRAME_AFTER_KEY: Duration = Duration::from_millis(4);
/// How long after the editor closes its ^c or ^z may still reach us.
const DEAF: Duration = Duration::from_millis(250);
/// Interval of the spinner.
const TICK: Duration = Duration::from_millis(250);

/// The initial state.
#[derive(Debug)]
pub struct Start {
    pub model: Model,
    pub manifest: Option<PathBuf>,
    pub mouse: bool,
    pub world: World,
}

/// How the interactive program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With this exit code: 128+n after signal n.
    Exit(u8),
    /// Switch to the demo.
    Demo,
}

/// Runs the interactive program to its end.
///
/// # Errors
/// If the terminal can't be set up or drawn to.
pub fn run(start: Start) -> io::Result<End> {
    terminal::set_panic_hook();
    let runtime = crate::io::threads::runtime(None)?;
    let result = runtime.block_on(main_loop(start));
    // Blocking work must not delay the shell's prompt.
    runtime.shutdown_background();
    result
}

struct Loop {
    model: Model,
    worker: Worker,
    guard: Guard,
    /// Never dropped: that would show the cursor, which the guard does, and print an error to a terminal that is gone.
    screen: ManuallyDrop<Terminal<CrosstermBackend<Stdout>>>,
    dirty: bool,
    /// Earlier interrupts were meant for another program.
    typeahead_blocked_until: Instant,
    exit: Option<End>,
}

async fn main_loop(start: Start) -> io::Result<End> {
    let (results_in, mut results) = mpsc::channel(256);
    let mut signals = Signals::new()?;
    let gone = watch_terminal();
    let guard = Guard::enter(start.mouse)?;
    let screen = ManuallyDrop::new(Terminal::new(CrosstermBackend::new(io::stdout()))?);
    let mut this = Loop {
        model: start.model,
        worker: Worker::new(start.world, results_in),
        guard,
        screen,
        dirty: true,
        typeahead_blocked_until: Instant::now(),
        exit: None,
    };
    this.take(Msg::Clock(now()));
    let effects = match start.manifest {
        Some(path) => app::load(&mut this.model, path),
        None => app::choose(&mut this.model),
    };
    this.carry_out(effects);
    let mut input = Input::begin()?;
    let mut last_frame = Instant::now();
    let mut next_frame = last_frame;
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    tokio::pin!(gone);
    let mut listening = Listening::default();
    while this.exit.is_none() {
        this.model.tell(&mut listening);
        tokio::select! {
            biased;
            () = tokio::time::sleep_until(next_frame), if this.dirty => {
                // A terminal that takes no more bytes is gone; the edits must still reach the journal.
                if let Err(error) = this.draw() {
                    tracing::error!(%error, "the terminal takes nothing");
                    this.exit = Some(End::Exit(129));
                }
                last_frame = Instant::now();
                next_frame = last_frame + FRAME;
            }
            event = input.next(&listening) => match event {
                Some(event) => {
                    this.event(event);
                    next_frame = next_frame.min(last_frame + FRAME_AFTER_KEY);
                }
                None => this.exit = Some(End::Exit(129)),
            },
            signal = signals.next() => match signal {
                Signal::Resized => input.resized(),
                signal => this.signal(signal),
            },
            () = &mut gone => this.exit = Some(End::Exit(129)),
            Some(end) = this.worker.jobs.join_next_with_id(), if !this.worker.jobs.is_empty() => this.ended(end),
            Some(msg) = results.recv() => {
                this.take(Msg::Clock(now()));
                this.take(msg);
            }
            _ = tick.tick(), if this.model.is_busy() => this.take(Msg::Ticked(now())),
        }
        if let Some(errand) = this.worker.errand.take() {
            // The program that gets the terminal must also get its input.
            input.pause();
            this.run_errand(errand, &mut signals, &mut results, gone.as_mut()).await?;
            input.resume()?;
        }
    }
    let keep = this.model.has_unsaved();
    this.worker.end_rows(&mut results).await;
    this.worker.end(keep).await;
    if let Some(why) = input.broken() {
        return Err(why);
    }
    Ok(this.exit.unwrap_or(End::Exit(0)))
}

impl Loop {
    /// Hands over the terminal, and takes it back unless the program is to end.
    async fn run_errand(
        &mut self,
        errand: Errand,
        signals: &mut Signals,
        results: &mut mpsc::Receiver<Msg>,
        gone: Pin<&mut impl Future<Output = ()>>,
    ) -> io::Result<()> {
        if matches!(errand, Errand::Suspend) && !terminal::can_stop() {
            let why = "no shell waits behind this terminal: cuecard can't be suspended here";
            self.take(Msg::Failed(why.into()));
            return Ok(());
        }
        self.guard.leave();
        let msg = match errand {
            Errand::Suspend => {
                terminal::stop_job();
                None
            }
            Errand::EditText(job, text) => {
                let edited = match Handed::over(&text) {
                    Ok(handed) => {
                        self.edit(handed.path(), 1, signals, results, gone).await.and_then(|()| handed.back())
                    }
                    Err(why) => Err(why),
                };
                Some(Msg::EditorClosed(job, edited))
            }
            Errand::EditFile(job, path, line) => {
                let edited = self.edit(&path, line, signals, results, gone).await;
                Some(Msg::EditorClosed(job, edited.map(|()| String::new())))
            }
        };
        if self.exit.is_some() {
            return Ok(());
        }
        self.guard.enter_again()?;
        self.typeahead_blocked_until = Instant::now() + DEAF;
        // The window may have been resized. (`Terminal::clear` would wait for a cursor position report.)
        let size = self.screen.size()?;
        self.screen.resize(size.into())?;
        self.take(Msg::Resized(size.width, size.height));
        if let Some(msg) = msg {
            self.take(msg);
        }
        Ok(())
    }

    /// Waits for the operator's editor. Results are still processed, and an end signal ends it at once.
    async fn edit(
        &mut self,
        path: &Path,
        line: usize,
        signals: &mut Signals,
        results: &mut mpsc::Receiver<Msg>,
        mut gone: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<(), String> {
        let mut editor = Editor::open(path, line)?;
        let number = loop {
            tokio::select! {
                biased;
                turn = editor.turn() => match turn {
                    Turn::Ended(end) => return editor.verdict(end),
                    Turn::Stopped => {
                        // Without a waiting shell nothing would ever resume it.
                        if terminal::can_stop() {
                            terminal::stop_job();
                        }
                        editor.go_on();
                    }
                },
                signal = signals.next() => match signal {
                    Signal::End(number @ (1 | 15)) => break number,
                    // Keystrokes for the editor reach us too; ignore them. The size is read when the editor ends.
                    Signal::End(_) | Signal::Stop | Signal::Resized => {}
                },
                () = &mut gone => break 1,
                Some(end) = self.worker.jobs.join_next_with_id(), if !self.worker.jobs.is_empty() => self.ended(end),
                Some(msg) = results.recv() => {
                    self.take(Msg::Clock(now()));
                    self.take(msg);
                }
            }
        };
        self.exit = Some(End::Exit(128 + number));
        editor.end(if number == 1 { Number::HUP } else { Number::TERM }).await;
        Err("cuecard was told to end".into())
    }

    fn ended(&mut self, end: Result<(Id, ()), JoinError>) {
        if let Some(msg) = self.worker.ended(end) {
            self.take(msg);
        }
    }

    fn draw(&mut self) -> io::Result<()> {
        self.dirty = false;
        #[cfg(debug_assertions)]
        if std::env::var_os("CUECARD_PANIC_ON").is_some_and(|row| self.model.is_on_row(&row.to_string_lossy())) {
            // Tests of terminal recovery need a crash.
            #[expect(clippy::panic, reason = "only in debug builds, only when asked for")]
            {
                panic!("a fault on purpose");
            }
        }
        let model = &self.model;
        self.screen.draw(|frame| ui::draw(model, frame))?;
        // It changes nothing that is drawn.
        let effects = update(&mut self.model, Msg::Drawn);
        self.carry_out(effects);
        Ok(())
    }

    fn event(&mut self, event: Event) {
        self.take(Msg::Clock(now()));
        match event {
            Event::Key(key) => self.take(Msg::Key(key)),
            Event::Paste(text) => self.take(Msg::Paste(text)),
            Event::Mouse(mouse) => self.take(Msg::Mouse(mouse)),
            Event::Resize(width, height) => self.take(Msg::Resized(width, height)),
            Event::FocusGained | Event::FocusLost => {}
        }
    }

    fn signal(&mut self, signal: Signal) {
        match signal {
            Signal::End(2 | 3) | Signal::Stop if Instant::now() < self.typeahead_blocked_until => {}
            Signal::End(number) => self.exit = Some(End::Exit(128 + number)),
            Signal::Stop => self.carry_out(vec![Effect::Suspend]),
            // The input reports it, in order with what was typed.
            Signal::Resized => {}
        }
    }

    fn take(&mut self, msg: Msg) {
        self.dirty |= !matches!(msg, Msg::Clock(_));
        let effects = update(&mut self.model, msg);
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Quit(code) => self.exit = Some(End::Exit(code)),
                Effect::Demo => self.exit = Some(End::Demo),
                effect => self.worker.carry_out(effect),
            }
        }
    }
}

/// The time, with the local zone's offset.
fn now() -> Moment {
    let now = jiff::Zoned::now();
    Moment { unix_ms: now.timestamp().as_millisecond(), offset_s: now.offset().seconds() }
}

/// Resolves when the terminal is gone.
async fn watch_terminal() {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    // A separate thread and not one of the runtime's: it sleeps until the end.
    let watching = std::thread::Builder::new().name("terminal".into()).spawn(move || {
        if terminal::wait_until_gone() {
            let _ = sender.send(());
        }
    });
    if watching.is_err() || receiver.await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[derive(Clone, Copy, Debug)]
enum Signal {
    /// End, because of this signal.
    End(u8),
    Stop,
    /// The terminal was resized.
    Resized,
}

struct Signals {
    term: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    quit: tokio::signal::unix::Signal,
    stop: tokio::signal::unix::Signal,
    window: tokio::signal::unix::Signal,
    /// Held so that a full disk is a write error and doesn't kill the program.
    _file_size: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> io::Result<Signals> {
        // Signal numbers differ between systems.
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            term: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            stop: signal(SignalKind::from_raw(Number::TSTP.as_raw()))?,
            window: signal(SignalKind::window_change())?,
            _file_size: signal(SignalKind::from_raw(Number::XFSZ.as_raw()))?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.term.recv() => Signal::End(15),
            _ = self.hangup.recv() => Signal::End(1),
            _ = self.interrupt.recv() => Signal::End(2),
            _ = self.quit.recv() => Signal::End(3),
            _ = self.stop.recv() => Signal::Stop,
            _ = self.window.recv() => Signal::Resized,
        }
    }
}
