//! The bytes of an object received so far, with holes. Reading a hole returns the missing range; nothing here makes
//! requests, and nothing keeps more than [`MOST_BYTES`].

use super::MOST_BYTES;
use std::ops::Range;

/// Why reading stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// These bytes exist but have not been received.
    Missing(Range<u64>),
    /// The object ends before this.
    End,
    /// The header contradicts itself.
    Bad,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    /// A few ranges in order of arrival, which may overlap.
    parts: Vec<(u64, Vec<u8>)>,
    kept: u64,
    size: u64,
}

impl Held {
    /// Size of the whole object, in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    pub fn add(&mut self, at: u64, bytes: &[u8], size: u64) {
        self.size = size.max(at.saturating_add(bytes.len() as u64));
        let room = usize::try_from(MOST_BYTES.saturating_sub(self.kept)).unwrap_or(usize::MAX);
        let bytes = bytes.get(..room).unwrap_or(bytes);
        if !bytes.is_empty() {
            self.kept = self.kept.saturating_add(bytes.len() as u64);
            self.parts.push((at, bytes.to_vec()));
        }
    }

    /// The first bytes up to a hole, at most `len`.
    pub fn head(&self, len: usize) -> Vec<u8> {
        let mut head = Vec::new();
        while head.len() < len
            && let Some(more) = self.stretch(head.len() as u64)
        {
            head.extend(more.iter().take(len - head.len()));
        }
        head
    }

    pub fn read<const N: usize>(&self, at: u64) -> Result<[u8; N], Stop> {
        let end = at.checked_add(N as u64).filter(|end| *end <= self.size).ok_or(Stop::End)?;
        let mut read = [0; N];
        let mut filled = 0;
        while filled < N {
            let from = at + filled as u64;
            let Some(stretch) = self.stretch(from) else { return Err(Stop::Missing(from..end)) };
            for (slot, byte) in read.iter_mut().skip(filled).zip(stretch) {
                *slot = *byte;
                filled += 1;
            }
        }
        Ok(read)
    }

    /// The bytes between two places, if they are all at hand.
    pub fn at_hand(&self, from: u64, to: u64) -> Option<&[u8]> {
        let len = usize::try_from(to.checked_sub(from)?).ok()?;
        let mut parts = self.parts.iter();
        parts.find_map(|(start, bytes)| {
            let skip = usize::try_from(from.checked_sub(*start)?).ok()?;
            bytes.get(skip..)?.get(..len)
        })
    }

    pub fn u8(&self, at: u64) -> Result<u8, Stop> {
        self.read(at).map(u8::from_be_bytes)
    }

    pub fn u16(&self, at: u64) -> Result<u16, Stop> {
        self.read(at).map(u16::from_be_bytes)
    }

    pub fn u32(&self, at: u64) -> Result<u32, Stop> {
        self.read(at).map(u32::from_be_bytes)
    }

    pub fn u64(&self, at: u64) -> Result<u64, Stop> {
        self.read(at).map(u64::from_be_bytes)
    }

    /// The bytes from `at` to the end of their range; None at a hole.
    fn stretch(&self, at: u64) -> Option<&[u8]> {
        self.parts.iter().find_map(|(start, bytes)| {
            let skip = usize::try_from(at.checked_sub(*start)?).ok()?;
            bytes.get(skip..).filter(|rest| !rest.is_empty())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_span_chunks_and_gaps_report_the_missing_bytes() {
        let mut held = Held::default();
        held.add(0, &[1, 2, 3], 100);
        held.add(3, &[4], 100);
        held.add(6, &[7, 8], 100);
        assert_eq!(held.u32(0), Ok(0x0102_0304));
        assert_eq!(held.u16(6), Ok(0x0708));
        assert_eq!(held.u32(2), Err(Stop::Missing(4..6)));
        assert_eq!(held.u32(7), Err(Stop::Missing(8..11)));
        assert_eq!(held.u32(97), Err(Stop::End));
        assert_eq!(held.u64(u64::MAX), Err(Stop::End));
        assert_eq!(held.head(10), [1, 2, 3, 4]);
    }

    #[test]
    fn no_more_than_the_budget_is_kept() {
        let mut held = Held::default();
        held.add(0, &vec![1; MOST_BYTES as usize + 10], MOST_BYTES + 10);
        held.add(0, &[1; 10], MOST_BYTES + 10);
        assert_eq!(held.kept, MOST_BYTES);
        assert_eq!(held.u8(MOST_BYTES), Err(Stop::Missing(MOST_BYTES..MOST_BYTES + 1)));
    }
}
