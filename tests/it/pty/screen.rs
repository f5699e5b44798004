//! The binary on its own terminal: types keys and waits for a text on the screen. It never sleeps where an event can be
//! awaited.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// A test that waits longer than this fails.
const LONGEST: Duration = Duration::from_secs(15);

/// A folder with files, state and settings, in which the program can run repeatedly.
pub struct Place {
    folder: Arc<tempfile::TempDir>,
    env: Vec<(String, String)>,
    size: (u16, u16),
}

impl Place {
    pub fn new() -> Place {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let at = |name: &str| folder.path().join(name).display().to_string();
        let env = [
            ("CUECARD_STATE_DIR", at("state")),
            ("CUECARD_CONFIG_DIR", at(".")),
            // Default endpoints have no listener, so that no test uses the network.
            ("CUECARD_S3_ENDPOINT", "http://127.0.0.1:1".into()),
            ("TERM", "xterm-256color".into()),
            ("LANG", "C.UTF-8".into()),
            ("PATH", std::env::var("PATH").unwrap()),
        ];
        Place { env: env.map(|(name, value)| (name.into(), value)).to_vec(), folder, size: (80, 24) }
    }

    pub fn with(self, name: &str, content: impl AsRef<[u8]>) -> Place {
        std::fs::write(self.path(name), content).unwrap();
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Place {
        self.env.push((name.into(), value.into()));
        self
    }

    pub fn size(mut self, columns: u16, rows: u16) -> Place {
        self.size = (columns, rows);
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    #[track_caller]
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs `cuecard` with these arguments.
    pub fn cuecard(&self, arguments: &[&str]) -> Screen {
        self.run(env!("CARGO_BIN_EXE_cuecard"), arguments)
    }

    pub fn run(&self, program: &str, arguments: &[&str]) -> Screen {
        let mut command = CommandBuilder::new(program);
        command.env_clear();
        command.cwd(self.folder.path());
        command.args(arguments);
        for (name, value) in &self.env {
            command.env(name, value);
        }
        Screen::open(command, self.size, Arc::clone(&self.folder))
    }
}

pub struct Screen {
    child: Box<dyn Child + Send + Sync>,
    writer: Option<Box<dyn Write + Send>>,
    master: Option<Box<dyn MasterPty + Send>>,
    output: Receiver<Vec<u8>>,
    /// The reader closes the terminal after its next piece.
    let_go: Arc<AtomicBool>,
    parser: vt100::Parser,
    raw: Vec<u8>,
    /// The terminal's modes before the program started.
    before: String,
    /// The signal that ended the program.
    pub killed_by: Option<String>,
    /// Kept while the program runs in it.
    _folder: Arc<tempfile::TempDir>,
}

impl Screen {
    fn open(command: CommandBuilder, (cols, rows): (u16, u16), folder: Arc<tempfile::TempDir>) -> Screen {
        let pty = native_pty_system().openpty(PtySize { rows, cols, ..PtySize::default() }).unwrap();
        let before = modes(&*pty.master);
        let mut reader = pty.master.try_clone_reader().unwrap();
        let writer = pty.master.take_writer().unwrap();
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let (sender, output) = channel();
        let let_go = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&let_go);
        std::thread::spawn(move || {
            let mut piece = [0; 16 * 1024];
            while let Ok(read @ 1..) = reader.read(&mut piece) {
                if sender.send(piece[..read].to_vec()).is_err() || asked.load(Ordering::SeqCst) {
                    break;
                }
            }
        });
        let size = |cells| NonZeroU16::new(cells).unwrap();
        let parser = vt100::Parser::new(size(rows), size(cols), 0);
        Screen {
            child,
            writer: Some(writer),
            master: Some(pty.master),
            output,
            let_go,
            parser,
            raw: Vec::new(),
            before,
            killed_by: None,
            _folder: folder,
        }
    }

    /// Waits until the text is on the screen.
    #[track_caller]
    pub fn until(&mut self, text: &str) -> &mut Screen {
        self.until_it(&format!("{text:?}"), |screen| screen.shows(text))
    }

    /// Waits until the text is nowhere on the screen.
    #[track_caller]
    pub fn until_gone(&mut self, text: &str) -> &mut Screen {
        self.until_it(&format!("an end of {text:?}"), |screen| !screen.shows(text))
    }

    #[track_caller]
    pub fn until_it(&mut self, what: &str, holds: impl Fn(&Screen) -> bool) -> &mut Screen {
        let due = Instant::now() + LONGEST;
        while !holds(self) {
            let piece = self.output.recv_timeout(due.saturating_duration_since(Instant::now()));
            match piece {
                Ok(piece) => self.take(&piece),
                Err(end) => panic!("no {what}, {end}:\n{}", self.text()),
            }
        }
        self
    }

    /// What comes within this time: for promises about time.
    /// A question that came up by itself takes no key typed within a moment: waits until that is over.
    pub fn settles(&mut self) {
        self.watch(Duration::from_millis(450));
    }

    pub fn watch(&mut self, time: Duration) -> Vec<u8> {
        let due = Instant::now() + time;
        let from = self.raw.len();
        loop {
            match self.output.recv_timeout(due.saturating_duration_since(Instant::now())) {
                Ok(piece) => self.take(&piece),
                Err(RecvTimeoutError::Timeout) => return self.raw[from..].to_vec(),
                Err(RecvTimeoutError::Disconnected) => {
                    std::thread::sleep(due.saturating_duration_since(Instant::now()));
                    return self.raw[from..].to_vec();
                }
            }
        }
    }

    fn take(&mut self, piece: &[u8]) {
        self.raw.extend_from_slice(piece);
        self.parser.process(piece);
    }

    /// Types, in one write.
    #[track_caller]
    pub fn keys(&mut self, keys: &str) -> &mut Screen {
        let writer = self.writer.as_mut().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        self
    }

    /// Presses Esc and waits until `gone` disappears: a key sent together with Esc would be an Alt chord.
    #[track_caller]
    pub fn esc(&mut self, gone: &str) -> &mut Screen {
        assert!(self.shows(gone), "{gone:?} is not there:\n{}", self.text());
        self.keys("\x1b").until_gone(gone)
    }

    /// Pastes with brackets.
    #[track_caller]
    pub fn paste(&mut self, text: &str) -> &mut Screen {
        self.keys(&format!("\x1b[200~{text}\x1b[201~"))
    }

    pub fn resize(&mut self, cols: u16, rows: u16) -> &mut Screen {
        self.master.as_ref().unwrap().resize(PtySize { rows, cols, ..PtySize::default() }).unwrap();
        let size = |cells| NonZeroU16::new(cells).unwrap();
        self.parser.set_size(size(rows), size(cols));
        self
    }

    pub fn shows(&self, text: &str) -> bool {
        self.parser.screen().contents().contains(text)
    }

    pub fn text(&self) -> String {
        self.parser.screen().contents()
    }

    pub fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// Every byte the terminal received.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    pub fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    pub fn signal(&mut self, signal: Signal) -> &mut Screen {
        kill_process(Pid::from_raw(self.pid() as i32).unwrap(), signal).unwrap();
        self
    }

    /// The terminal disappears, as when the window is closed or the line drops.
    pub fn hang_up(&mut self) -> &mut Screen {
        self.let_go.store(true, Ordering::SeqCst);
        // Drawing after these keys wakes the reader, which then closes.
        self.keys("jk");
        self.writer = None;
        self.master = None;
        self
    }

    /// Waits for the program's end and returns its exit code.
    #[track_caller]
    pub fn ends(&mut self) -> u32 {
        self.ends_within(LONGEST)
    }

    #[track_caller]
    pub fn ends_within(&mut self, time: Duration) -> u32 {
        let due = Instant::now() + time;
        loop {
            match self.output.recv_timeout(due.saturating_duration_since(Instant::now())) {
                Ok(piece) => self.take(&piece),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("the program does not end:\n{}", self.text()),
            }
        }
        self.exits_before(due)
    }

    /// Waits for the program's end while another process holds its terminal.
    #[track_caller]
    pub fn exits(&mut self) -> u32 {
        self.exits_before(Instant::now() + LONGEST)
    }

    #[track_caller]
    fn exits_before(&mut self, due: Instant) -> u32 {
        // It has released the terminal or lost it: its end can't be awaited with a limit.
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                // It ends by itself; only a test that kills it may see a signal.
                self.killed_by = status.signal().map(str::to_owned);
                return status.exit_code();
            }
            assert!(Instant::now() < due, "the program does not end");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// The terminal is as before the program started.
    #[track_caller]
    pub fn is_given_back(&self) {
        assert_eq!(modes(&**self.master.as_ref().unwrap()), self.before, "modes of the terminal");
        self.is_left();
    }

    /// Every terminal mode that the program set is reset.
    #[track_caller]
    pub fn is_left(&self) {
        let screen = self.screen();
        assert!(!screen.alternate_screen(), "the alternate screen is left");
        assert!(!screen.hide_cursor(), "the cursor is shown");
        assert!(!screen.bracketed_paste(), "pastes are not marked");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    }

    /// Processor time used so far, in clock ticks.
    pub fn ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap();
        let after_name = stat.rsplit_once(") ").unwrap().1;
        after_name.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.signal(Signal::KILL);
            let _ = self.child.wait();
        }
    }
}

fn modes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().unwrap())
}
