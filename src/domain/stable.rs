//! A hash that stays the same in every version and on every machine, unlike that of the standard library: for what is
//! written down or worked out by several processes.

/// FNV-1a, and a last mixing.
pub(crate) fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    let sum = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    (sum ^ (sum >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
