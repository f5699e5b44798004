//! Decodes bytes to text incrementally: UTF-8 with or without a BOM, UTF-16 as Windows PowerShell writes it with `>`.

use encoding_rs::{Decoder, DecoderResult, UTF_16BE, UTF_16LE};
use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};

/// Bytes examined to detect the kind of a file.
const SAMPLE: u64 = 64 * 1024;
/// A longer line is a mistake and not a list of keys; the rest of it is skipped.
const LONGEST_LINE: usize = 16 * 1024 * 1024;

/// A text that is read once, with access to its beginning.
pub struct Text<R> {
    sample: Vec<u8>,
    is_short: bool,
    rest: Rest<R>,
}

/// What follows the beginning: an error that came while that was read, then the other bytes.
pub struct Rest<R> {
    error: Option<io::Error>,
    bytes: R,
}

impl<R: Read> Read for Rest<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.error.take() {
            Some(error) => Err(error),
            None => self.bytes.read(buffer),
        }
    }
}

impl<R: Read> Text<Utf8<R>> {
    /// # Errors
    /// Errors of the reader.
    pub fn new(mut input: R) -> io::Result<Text<Utf8<R>>> {
        let mut mark = Vec::new();
        input.by_ref().take(4).read_to_end(&mut mark)?;
        let (encoding, skipped) = match &mark[..] {
            [0xFF, 0xFE, ..] => (Some(UTF_16LE), 2),
            [0xFE, 0xFF, ..] => (Some(UTF_16BE), 2),
            [0xEF, 0xBB, 0xBF, ..] => (None, 3),
            // Without a BOM: no text starts with NUL, and in UTF-16 every ASCII character has one beside it.
            [first, 0, second, 0] if *first != 0 && *second != 0 => (Some(UTF_16LE), 0),
            [0, first, 0, second] if *first != 0 && *second != 0 => (Some(UTF_16BE), 0),
            _ => (None, 0),
        };
        mark.drain(..skipped);
        let input = Cursor::new(mark).chain(input);
        let mut rest = match encoding {
            None => Utf8::AsIs(input),
            Some(encoding) => Utf8::Wide(Box::new(Wide {
                input,
                decoder: encoding.new_decoder_without_bom_handling(),
                coded: Vec::new(),
                text: String::new(),
                given: 0,
                is_done: false,
            })),
        };
        let mut sample = Vec::new();
        // What came before an error is kept: a file that breaks off still has keys.
        let error = rest.by_ref().take(SAMPLE).read_to_end(&mut sample).err();
        if sample.is_empty()
            && let Some(error) = error
        {
            return Err(error);
        }
        let is_short = (sample.len() as u64) < SAMPLE;
        Ok(Text { sample, is_short, rest: Rest { error, bytes: rest } })
    }
}

impl<R: Read> Text<R> {
    /// The beginning, cut at a line end unless it is the complete text. Invalid UTF-8 is replaced.
    pub fn sample(&self) -> (String, bool) {
        let mut sample = &*self.sample;
        if !self.is_short
            && let Some(end) = memchr::memrchr(b'\n', sample)
        {
            sample = sample.get(..end).unwrap_or_default();
        }
        (String::from_utf8_lossy(sample).into_owned(), self.is_short)
    }

    /// The first bytes.
    pub fn begin(&self) -> &[u8] {
        &self.sample
    }

    pub fn whole(self) -> BufReader<Chain<Cursor<Vec<u8>>, Rest<R>>> {
        BufReader::with_capacity(256 * 1024, Cursor::new(self.sample).chain(self.rest))
    }
}

/// The input as UTF-8.
pub enum Utf8<R> {
    AsIs(Chain<Cursor<Vec<u8>>, R>),
    Wide(Box<Wide<R>>),
}

pub struct Wide<R> {
    input: Chain<Cursor<Vec<u8>>, R>,
    decoder: Decoder,
    coded: Vec<u8>,
    text: String,
    /// Bytes of `text` already returned.
    given: usize,
    is_done: bool,
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Utf8::AsIs(input) => input.read(buffer),
            Utf8::Wide(wide) => wide.read(buffer),
        }
    }
}

impl<R: Read> Read for Wide<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() && !self.is_done {
            self.refill()?;
        }
        let mut left = self.text.as_bytes().get(self.given..).unwrap_or_default();
        let read = left.read(buffer)?;
        self.given += read;
        Ok(read)
    }
}

impl<R: Read> Wide<R> {
    fn refill(&mut self) -> io::Result<()> {
        self.text.clear();
        self.given = 0;
        self.coded.clear();
        self.input.by_ref().take(SAMPLE).read_to_end(&mut self.coded)?;
        let is_last = self.coded.is_empty();
        let most = self.decoder.max_utf8_buffer_length_without_replacement(self.coded.len());
        self.text.reserve(most.unwrap_or(0));
        let (result, _) = self.decoder.decode_to_string_without_replacement(&self.coded, &mut self.text, is_last);
        if let DecoderResult::Malformed(..) = result {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-16 text"));
        }
        self.is_done = is_last;
        Ok(())
    }
}

/// Iterates over lines, without their ends.
pub struct Lines<R> {
    input: R,
    line: Vec<u8>,
    /// The line terminator: a carriage return in a text that has no other.
    end: u8,
}

/// A line that was read.
pub enum Line<'a> {
    /// Its text, and whether it has an end: the last line may have none.
    Text(&'a str, bool),
    /// Not UTF-8, or too long: the part that can be shown.
    NotText(String),
}

impl<R: BufRead> Lines<R> {
    pub fn new(input: R, sample: &str) -> Lines<R> {
        let is_old_mac = !sample.contains('\n') && sample.trim_end().contains('\r');
        Lines { input, line: Vec::new(), end: if is_old_mac { b'\r' } else { b'\n' } }
    }

    /// None at the end.
    ///
    /// # Errors
    /// Errors of the reader.
    pub fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        let most = LONGEST_LINE as u64;
        if self.input.by_ref().take(most).read_until(self.end, &mut self.line)? == 0 {
            return Ok(None);
        }
        let is_cut = self.line.last() != Some(&self.end) && self.line.len() as u64 == most;
        if is_cut {
            skip_line(&mut self.input, self.end)?;
        }
        let has_end = self.line.last() == Some(&self.end);
        if has_end {
            self.line.pop();
        }
        while self.line.last() == Some(&b'\r') {
            self.line.pop();
        }
        Ok(Some(match str::from_utf8(&self.line) {
            Ok(text) if !is_cut => Line::Text(text, has_end),
            _ => {
                let shown = self.line.get(..self.line.len().min(400)).unwrap_or_default();
                Line::NotText(String::from_utf8_lossy(shown).into_owned())
            }
        }))
    }
}

fn skip_line(input: &mut impl BufRead, end: u8) -> io::Result<()> {
    loop {
        let piece = input.fill_buf()?;
        let (used, is_over) = match memchr::memchr(end, piece) {
            Some(at) => (at + 1, true),
            None => (piece.len(), piece.is_empty()),
        };
        input.consume(used);
        if is_over {
            return Ok(());
        }
    }
}
