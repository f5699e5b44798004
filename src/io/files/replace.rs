//! Replaces the old file by the new one. The old file is compared again after the exchange and before it is deleted, so
//! that a change by another program up to that moment is put back or kept.
//!
//! If the system can't exchange two names, the old file gets a second name first. One instant remains, between the last
//! look and the rename: a write to the old file is kept, but a file that another program puts there is lost. That is
//! told where the disk's times show it, and the old file is kept.

use super::beside;
use super::save::{NotSaved, Old, Over, Save, Saved, Why, failed, missing_or_failed};
use super::system::Stamp;
use super::{Contents, holds, retry};
use crate::io::error_words;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

/// How many times in a row an exchange may be interrupted.
const TRIES: usize = 100;
/// The times of one rename are no further apart.
const ONE_INSTANT: Duration = Duration::from_millis(10);

impl Save<'_> {
    /// Moves the finished new file into place.
    pub(super) fn replace(&self, over: Over<'_>, new: &dyn Contents) -> Result<Saved, NotSaved> {
        match (over, self.old) {
            (Over::This(expected), Some(old)) => self.exchange(old, expected, new),
            (_, Some(_)) => {
                let renamed = retry(|| self.system.rename(self.temporary, self.target));
                let unconfirmed = self.placed(renamed).map_err(|why| self.give_up(&[self.temporary], why))?;
                Ok(self.let_go(None, self.synced(unconfirmed)))
            }
            (_, None) => {
                let linked = self.link_new().and_then(|linked| self.placed(linked));
                let unconfirmed = linked.map_err(|why| self.give_up(&[self.temporary], why))?;
                // The second name, if it was made as a link.
                Ok(self.let_go(Some(self.temporary), self.synced(unconfirmed)))
            }
        }
    }

    /// Removes our temporary files and reports those that can't be removed.
    pub(super) fn give_up(&self, ours: &[&Path], why: Why) -> NotSaved {
        let left_behind = ours.iter().filter(|path| !self.is_removed(path)).map(|path| path.to_path_buf()).collect();
        NotSaved { why, left_behind }
    }

    fn is_removed(&self, path: &Path) -> bool {
        let remove = || retry(|| self.system.remove(path));
        // A missing file counts as removed: a rename may have succeeded.
        let is_gone = |removed: io::Result<()>| removed.map_or_else(|e| e.kind() == io::ErrorKind::NotFound, |()| true);
        is_gone(remove()) || is_gone(remove())
    }

    fn exchange(&self, old: &Old, expected: &dyn Contents, new: &dyn Contents) -> Result<Saved, NotSaved> {
        let ours = self
            .unchanged(old)
            .and_then(|()| retry(|| self.system.metadata(self.file)).map_err(failed("comparing with the file")));
        let ours = ours.map_err(|why| self.give_up(&[self.temporary], why))?;
        // From now on the file beside may not be ours, and its name says so.
        let aside = beside::aside(self.target, &ours, &old.metadata);
        if let Err(error) = retry(|| self.system.rename(self.temporary, &aside)) {
            return Err(self.give_up(&[self.temporary, &aside], failed("renaming")(error)));
        }
        let unconfirmed = match self.swap(&aside) {
            Err(error) if has_no_exchange(&error) && matches!(self.is_in_place(), Ok(false)) => {
                return self.rename_over(old, expected, &ours, &aside);
            }
            swapped => match self.placed(swapped) {
                Ok(unconfirmed) => unconfirmed,
                // It may be the old file: don't touch it.
                Err(why @ Why::Unclear { .. }) => return Err(NotSaved { why, left_behind: vec![aside] }),
                Err(why) => return Err(self.give_up(&[&aside], why)),
            },
        };
        match self.settled(&aside, expected, unconfirmed) {
            Ok(Some(saved)) => Ok(saved),
            Ok(None) => self.put_back(&aside, new),
            Err(error) => Ok(self.kept(&aside, &error)),
        }
    }

    /// Fails if the file was written or replaced since the comparison.
    fn unchanged(&self, old: &Old) -> Result<(), Why> {
        match retry(|| self.system.metadata_at(self.target)) {
            Ok(now) if Stamp::from(&now) == Stamp::from(&old.metadata) => Ok(()),
            Ok(_) => Err(Why::ChangedOnDisk),
            Err(error) => Err(missing_or_failed("comparing with the file")(error)),
        }
    }

    /// Two exchanges cancel out, so an interrupted one is repeated only if it certainly didn't happen.
    fn swap(&self, aside: &Path) -> io::Result<()> {
        let mut last = Ok(());
        for _ in 0..TRIES {
            last = self.system.exchange(aside, self.target);
            let interrupted = matches!(&last, Err(error) if error.kind() == io::ErrorKind::Interrupted);
            if !interrupted || !matches!(self.is_in_place(), Ok(false)) {
                break;
            }
        }
        last
    }

    /// The result of a step that should have put the new file in place: None, or why its durability is unconfirmed.
    fn placed(&self, step: io::Result<()>) -> Result<Option<String>, Why> {
        let Err(error) = step else { return Ok(None) };
        // A network disk may perform the step and lose the reply.
        match self.is_in_place() {
            Ok(true) => Ok(Some(error_words(&error))),
            Ok(false) => Err(missing_or_failed("renaming")(error)),
            Err(_) => Err(Why::Unclear { why: error_words(&error) }),
        }
    }

    /// The new file is in place and the old one is at `aside`: deletes that once the new one is durable. None if it
    /// differs from what was last seen.
    fn settled(&self, aside: &Path, expected: &dyn Contents, unconfirmed: Option<String>) -> io::Result<Option<Saved>> {
        let Some(seen) = self.seen(aside, expected)? else { return Ok(None) };
        self.follow_rights(aside)?;
        let synced = self.synced(unconfirmed);
        // A program that had the file open may have written meanwhile.
        let now = Stamp::from(&retry(|| self.system.metadata_at(aside))?);
        Ok((now == seen).then(|| self.let_go(Some(aside), synced)))
    }

    /// Owner and mode may have been changed since they were copied.
    fn follow_rights(&self, aside: &Path) -> io::Result<()> {
        let Some(old) = self.old else { return Ok(()) };
        let now = retry(|| self.system.metadata_at(aside))?;
        let (was, is) = (old.metadata.mode() & 0o7777, now.mode() & 0o7777);
        if (old.metadata.uid(), old.metadata.gid()) != (now.uid(), now.gid()) {
            retry(|| self.system.set_owner(self.file, now.uid(), now.gid()))?;
            retry(|| self.system.set_mode(self.file, is))?;
        } else if was != is {
            retry(|| self.system.set_mode(self.file, is))?;
        }
        Ok(())
    }

    fn synced(&self, unconfirmed: Option<String>) -> Result<(), String> {
        let folder = self.target.parent().unwrap_or(Path::new("/"));
        let synced = retry(|| self.system.sync_folder(folder)).map_err(|error| error_words(&error));
        unconfirmed.map_or(synced, Err)
    }

    fn let_go(&self, old: Option<&Path>, synced: Result<(), String>) -> Saved {
        let left = old.filter(|path| !self.is_removed(path));
        match (synced, left) {
            (Ok(()), None) => Saved::Durable,
            (Ok(()), Some(left)) => Saved::LeftBehind(left.to_owned()),
            (Err(why), None) => Saved::NotConfirmed { why },
            (Err(why), Some(left)) => {
                Saved::NotConfirmed { why: format!("{why}; {} could not be removed", beside::name(left)) }
            }
        }
    }

    /// The stamp of the file that came out, if it holds what was last seen and did not change while it was read.
    fn seen(&self, aside: &Path, expected: &dyn Contents) -> io::Result<Option<Stamp>> {
        // A link or a folder is something else and must not be followed.
        if !retry(|| self.system.metadata_at(aside))?.is_file() {
            return Ok(None);
        }
        let file = retry(|| self.system.open(aside))?;
        let stamp = || retry(|| self.system.metadata(&file)).map(|metadata| Stamp::from(&metadata));
        let before = stamp()?;
        Ok((holds(self.system, &file, expected)? && stamp()? == before).then_some(before))
    }

    /// The file that came out is another program's: exchange it back.
    fn put_back(&self, aside: &Path, new: &dyn Contents) -> Result<Saved, NotSaved> {
        if self.swap(aside).is_err() && self.is_in_place().unwrap_or(true) {
            return Ok(Saved::OtherKept(aside.to_owned()));
        }
        let folder = self.target.parent().unwrap_or(Path::new("/"));
        // If this fails, a power cut restores the state before, which loses nothing either.
        let _ = retry(|| self.system.sync_folder(folder));
        let is_ours = self.is_ours(aside).unwrap_or(false) && matches!(self.seen(aside, new), Ok(Some(_)));
        Err(match is_ours {
            true => self.give_up(&[aside], Why::ChangedOnDisk),
            // They wrote again over our file: keep that.
            false => NotSaved { why: Why::ChangedTwice(aside.to_owned()), left_behind: Vec::new() },
        })
    }

    /// Without exchange: `temporary` is renamed over the file, which has a second name by then.
    fn rename_over(
        &self,
        old: &Old,
        expected: &dyn Contents,
        ours: &std::fs::Metadata,
        temporary: &Path,
    ) -> Result<Saved, NotSaved> {
        let second = beside::aside(self.target, ours, &old.metadata);
        let linked = retry(|| self.system.link(self.target, &second));
        let second = match linked {
            Ok(()) => Some(second.as_path()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(self.give_up(&[temporary, &second], Why::Missing));
            }
            // A disk without hard links, or one that made the link and lost the reply.
            Err(_) if self.is_removed(&second) => None,
            Err(error) => return Err(self.give_up(&[temporary, &second], failed("renaming")(error))),
        };
        // Asked before the last look at the name, which nothing may come between and the rename.
        let linked = self.changed(old);
        let is_same = match second {
            Some(second) => {
                linked.and_then(|linked| Ok((self.is_second_name(second, expected)?, linked > changed(&old.metadata))))
            }
            None => Ok((true, false)),
        };
        let keeps_times = matches!(is_same, Ok((_, true)));
        let renamed = match is_same {
            Ok((true, _)) => self.placed(retry(|| self.system.rename(temporary, self.target))),
            Ok((false, _)) => Err(Why::ChangedOnDisk),
            Err(error) => Err(failed("comparing with the file")(error)),
        };
        let unconfirmed = renamed.map_err(|why| match (why, second) {
            (why @ Why::Unclear { .. }, Some(second)) => {
                // One is certainly the old file, the other is ours if it exists.
                let mut not_saved = self.give_up(&[temporary], why);
                not_saved.left_behind.push(second.to_owned());
                not_saved
            }
            (why, Some(second)) => self.give_up(&[temporary, second], why),
            (why, None) => self.give_up(&[temporary], why),
        })?;
        let Some(second) = second else { return Ok(self.let_go(None, self.synced(unconfirmed))) };
        match self.has_replaced_another(old) {
            Ok(true) if keeps_times => {
                return Ok(match self.synced(unconfirmed) {
                    Ok(()) => Saved::OtherLost(second.to_owned()),
                    Err(why) => Saved::NotConfirmed { why: format!("{why}; {}", Saved::OtherLost(second.to_owned())) },
                });
            }
            Ok(_) => {}
            Err(error) => return Ok(self.kept(second, &error)),
        }
        match self.settled(second, expected, unconfirmed) {
            Ok(Some(saved)) => Ok(saved),
            Ok(None) if retry(|| self.system.rename(second, self.target)).is_ok() => {
                Err(NotSaved { why: Why::ChangedOnDisk, left_behind: Vec::new() })
            }
            Ok(None) => Ok(Saved::OtherKept(second.to_owned())),
            Err(error) => Ok(self.kept(second, &error)),
        }
    }

    /// A rename changes the file it names and the file it replaces at one instant. If the old file lost its name
    /// earlier, another program's file stood there.
    fn has_replaced_another(&self, old: &Old) -> io::Result<bool> {
        let renamed = retry(|| self.system.metadata(self.file)).map(|new| changed(&new))?;
        Ok(self.changed(old)? + ONE_INSTANT < renamed)
    }

    fn changed(&self, old: &Old) -> io::Result<Duration> {
        retry(|| self.system.metadata(&old.file)).map(|metadata| changed(&metadata))
    }

    /// The file that came out can't be inspected, so it is kept.
    fn kept(&self, aside: &Path, error: &io::Error) -> Saved {
        let why = error_words(error);
        match self.synced(None) {
            Ok(()) => Saved::NotCompared { why, kept: aside.to_owned() },
            Err(_) => Saved::NotConfirmed { why: format!("{why}; what it held before is in {}", beside::name(aside)) },
        }
    }

    /// The old file under its second name holds what was last seen and still has its first name.
    fn is_second_name(&self, second: &Path, expected: &dyn Contents) -> io::Result<bool> {
        let Some(seen) = self.seen(second, expected)? else { return Ok(false) };
        match retry(|| self.system.metadata_at(self.target)) {
            Ok(there) => Ok((there.dev(), there.ino()) == (seen.device, seen.inode)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Names a new file without replacing anything.
    fn link_new(&self) -> Result<io::Result<()>, Why> {
        let linked = retry(|| self.system.link(self.temporary, self.target));
        if linked.is_ok() || self.is_in_place().unwrap_or(false) {
            return Ok(Ok(()));
        }
        // A disk without hard links.
        match retry(|| self.system.rename_new(self.temporary, self.target)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(Why::Exists),
            Err(error) if has_no_exchange(&error) => match retry(|| self.system.metadata_at(self.target)) {
                Ok(_) => Err(Why::Exists),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    Ok(retry(|| self.system.rename(self.temporary, self.target)))
                }
                Err(_) => Ok(linked),
            },
            renamed => Ok(renamed),
        }
    }

    fn is_in_place(&self) -> io::Result<bool> {
        match self.is_ours(self.target) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            is_ours => is_ours,
        }
    }

    fn is_ours(&self, path: &Path) -> io::Result<bool> {
        let ours = retry(|| self.system.metadata(self.file))?;
        let there = retry(|| self.system.metadata_at(path))?;
        Ok((there.dev(), there.ino()) == (ours.dev(), ours.ino()))
    }
}

/// When content, mode, owner or links changed last, as time since 1970.
fn changed(of: &std::fs::Metadata) -> Duration {
    let (seconds, nanoseconds) = (u64::try_from(of.ctime()), u32::try_from(of.ctime_nsec()));
    Duration::new(seconds.unwrap_or_default(), nanoseconds.unwrap_or_default())
}

/// The system or disk lacks such a rename. Some sandboxes answer "not permitted" to unknown calls.
fn has_no_exchange(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let errno = Errno::from_io_error(error);
    error.kind() == io::ErrorKind::Unsupported
        || matches!(errno, Some(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP | Errno::PERM))
}
