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
