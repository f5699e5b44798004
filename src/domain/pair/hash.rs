//! Byte hashes, and maps keyed by values that are hashes already.

use crate::names::mix;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;

/// A hasher for keys that are good hashes already.
#[derive(Debug, Default)]
pub(super) struct AsIs(u64);

impl std::hash::Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| mix(hash ^ u64::from(*byte)));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = mix(self.0 ^ hash);
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = mix(self.0 ^ u64::from(number));
    }
}

pub(super) type ByHash<K, V> = HashMap<K, V, BuildHasherDefault<AsIs>>;

/// Hash of the bytes, without normalising.
pub(super) fn raw_hash(parts: &[&str]) -> u64 {
    let mut hash = 0;
    for part in parts {
        let (words, rest) = part.as_bytes().as_chunks::<8>();
        for word in words {
            hash = mix(hash ^ u64::from_be_bytes(*word)).wrapping_add(8);
        }
        if !rest.is_empty() {
            let word = rest.iter().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
            hash = mix(hash ^ word).wrapping_add(rest.len() as u64);
        }
        hash = mix(hash ^ 0xFF);
    }
    hash
}

/// Tells most hashes that no video has: they need neither space nor sorting.
pub(super) struct Sieve(Vec<u64>);

impl Sieve {
    pub fn of<T>(parts: &[Vec<T>], hash: impl Fn(&T) -> u64) -> Sieve {
        let count = parts.iter().map(Vec::len).sum::<usize>();
        // 16 bits for each let one other hash in 16 through.
        let mut bits = vec![0; (count / 4 + 1).next_power_of_two()];
        let mask = bits.len() - 1;
        for hash in parts.iter().flatten().map(hash) {
            if let Some(word) = bits.get_mut((hash >> 6) as usize & mask) {
                *word |= 1 << (hash & 63);
            }
        }
        Sieve(bits)
    }

    pub fn may_have(&self, hash: u64) -> bool {
        let word = self.0.get((hash >> 6) as usize & (self.0.len() - 1)).copied().unwrap_or_default();
        word >> (hash & 63) & 1 == 1
    }
}
