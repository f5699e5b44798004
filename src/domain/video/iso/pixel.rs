//! The shape of one pixel from the codec's own header, for movies without a `pasp` box: the sequence parameter set of
//! H.264 (ITU-T H.264, 7.3.2.1.1 and annex E), the video object layer of MPEG-4 (ISO/IEC 14496-2, 6.2.3).

/// What a codec's header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Width and height of one pixel, both above 0.
    Told(u32, u32),
    /// It leaves it open: pixels are square.
    Open,
    /// It stands in the frames, or nowhere that is read.
    Unknown,
}

/// The shapes that have a number, from 1 on: MPEG-4 has the first five.
const NUMBERED: [(u32, u32); 16] = [
    (1, 1),
    (12, 11),
    (10, 11),
    (16, 11),
    (40, 33),
    (24, 11),
    (20, 11),
    (32, 11),
    (80, 33),
    (18, 11),
    (15, 11),
    (64, 33),
    (160, 99),
    (4, 3),
    (3, 2),
    (2, 1),
];

/// From the content of `avcC`.
pub(super) fn of_avc(config: &[u8]) -> Shape {
    avc(config).unwrap_or(Shape::Unknown)
}

/// From the content of `esds`. MPEG-2 has it in the frames.
pub(super) fn of_mpeg4(descriptor: &[u8]) -> Shape {
    mpeg4(descriptor).unwrap_or(Shape::Unknown)
}

/// None if it ends too early.
fn avc(config: &[u8]) -> Option<Shape> {
    /// The profiles whose sets tell the format of the colours.
    const HIGH: [u8; 13] = [44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244];
    let [first, second, set @ ..] = config.get(6..)? else { return None };
    if config.get(5)? & 0x1f == 0 {
        return None;
    }
    let set = set.get(..usize::from(u16::from_be_bytes([*first, *second])))?;
    let bytes = unescaped(set);
    let [_, profile, _, _, rest @ ..] = bytes.as_slice() else { return None };
    let mut bits = Bits::of(rest);
    bits.number()?;
    if HIGH.contains(profile) {
        let chroma = bits.number()?;
        if chroma == 3 {
            bits.take(1)?;
        }
        bits.number()?;
        bits.number()?;
        bits.take(1)?;
        if bits.flag()? {
            for list in 0..if chroma == 3 { 12 } else { 8 } {
                if bits.flag()? {
                    bits.skip_scaling(if list < 6 { 16 } else { 64 })?;
                }
            }
        }
    }
    bits.number()?;
    match bits.number()? {
        0 => _ = bits.number()?,
        1 => {
            bits.take(1)?;
            bits.number()?;
            bits.number()?;
            // 255 at most.
            for _ in 0..bits.number()?.min(255) {
                bits.number()?;
            }
        }
        _ => {}
    }
    bits.number()?;
    bits.take(1)?;
    bits.number()?;
    bits.number()?;
    if !bits.flag()? {
        bits.take(1)?;
    }
    bits.take(1)?;
    if bits.flag()? {
        for _side in 0..4 {
            bits.number()?;
        }
    }
    // Then the usability information, if there is any.
    if !(bits.flag()? && bits.flag()?) {
        return Some(Shape::Open);
    }
    let number = bits.take(8)?;
    shape(&mut bits, number, 255, 16, &NUMBERED)
}

fn mpeg4(descriptor: &[u8]) -> Option<Shape> {
    let start = descriptor.windows(4).position(|code| matches!(code, [0, 0, 1, 0x20..=0x2f]))?;
    let mut bits = Bits::of(descriptor.get(start + 4..)?);
    bits.take(9)?;
    if bits.flag()? {
        bits.take(7)?;
    }
    let number = bits.take(4)?;
    shape(&mut bits, number, 15, 8, NUMBERED.get(..5)?)
}

/// The shape with this number, or in the bits that follow.
fn shape(bits: &mut Bits<'_>, number: u32, own: u32, wide: u32, numbered: &[(u32, u32)]) -> Option<Shape> {
    let (across, down) = match number {
        0 => return Some(Shape::Open),
        number if number == own => (bits.take(wide)?, bits.take(wide)?),
        number => match usize::try_from(number - 1).ok().and_then(|at| numbered.get(at)) {
            Some(shape) => *shape,
            // Reserved.
            None => return Some(Shape::Open),
        },
    };
    Some(if across > 0 && down > 0 { Shape::Told(across, down) } else { Shape::Open })
}

/// Without the bytes that keep a start code from standing in the middle: `00 00 03` means `00 00`.
fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let mut plain: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut zeros = 0;
    for byte in bytes {
        if zeros >= 2 && *byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
        plain.push(*byte);
    }
    plain
}

/// Bits, the highest of a byte first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Bits<'a> {
    fn of(bytes: &'a [u8]) -> Bits<'a> {
        Bits { bytes, at: 0 }
    }

    /// At most 32 of them as a number. None at the end.
    fn take(&mut self, count: u32) -> Option<u32> {
        let mut number = 0;
        for _ in 0..count {
            let byte = self.bytes.get(self.at / 8)?;
            number = number << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(number)
    }

    fn flag(&mut self) -> Option<bool> {
        Some(self.take(1)? == 1)
    }

    /// A number in Exp-Golomb code, its sign not unfolded.
    fn number(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        Some((1 << zeros) - 1 + self.take(zeros)?)
    }

    /// A scaling list of this many numbers (7.3.2.1.1.1).
    fn skip_scaling(&mut self, size: u32) -> Option<()> {
        let (mut last, mut next) = (8_i64, 8_i64);
        for _ in 0..size {
            if next != 0 {
                let folded = i64::from(self.number()?);
                let delta = if folded % 2 == 1 { folded / 2 + 1 } else { -(folded / 2) };
                next = (last + delta).rem_euclid(256);
            }
            last = if next == 0 { last } else { next };
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        hex.as_bytes().chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
    }

    /// Contents of `avcC` as FFmpeg's libx264 writes them, with the shape that ffprobe tells: baseline, main, high, 10
    /// bits, 4:4:4, interlaced with cropping, a numbered and a written shape, square, and none.
    const AVC: &[(&str, Shape)] = &[
        ("0142c00affe100186742c00ad9047f9f0e10000003001000000300a0f122648001000568cb83cb20", Shape::Told(4, 3)),
        ("014d400affe10018674d400aeca23fcf82080000030008000003005078912cb001000568ebe3cb20", Shape::Told(16, 11)),
        (
            "0164000affe1001d6764000aacd9447f9fff0003000110000003001000000300a0f122596001000668ebe3cb22c0fdf8f800",
            Shape::Told(3, 1),
        ),
        (
            "016e000affe10019676e000aa6cd9447f9f0510000030001000003000a0f12259601000668ebe3cb22c0fdfafa00",
            Shape::Told(40, 33),
        ),
        (
            "01f4000affe1001867f4000a919b288ff1b880800000030080000005078912cb01000668ebe3c44844fff8f800",
            Shape::Told(2, 1),
        ),
        (
            "01640015ffe1001867640015acd9444d848800000300080000030050f8a14cb001000668fba3cb22c0fdf8f800",
            Shape::Told(80, 33),
        ),
        (
            "0164000affe100196764000aacd9447f9f0210000003001000000300a0f122596001000768ebe3cb3002c0fdf8f800",
            Shape::Told(12, 11),
        ),
        (
            "0164000affe1001c6764000aacb208ff3ffe00c200782000000300200000030141e244c901000668ebc3cb22c0fdf8f800",
            Shape::Told(97, 60),
        ),
        (
            "0164001fffe1001b6764001facd940fc12796230110000030001000003000a0f18319601000668ebe3cb22c0fdf8f800",
            Shape::Told(1, 1),
        ),
        ("0164000affe100186764000aacd9447f9e10000003001000000300a0f122596001000668ebe3cb22c0fdf8f800", Shape::Open),
    ];

    #[test]
    fn the_shape_in_an_h264_parameter_set_is_what_ffprobe_tells() {
        for (hex, shape) in AVC {
            assert_eq!(of_avc(&bytes(hex)), *shape, "{hex}");
        }
    }

    #[test]
    fn the_shape_in_an_mpeg4_layer_is_what_ffprobe_tells() {
        // Contents of `esds` as FFmpeg's mpeg4 encoder writes them.
        let written = "0000000003808080510001000480808043201100000000030d40000004000580808031000001b001000001b58913000001000000012000c4f8180d88002d0204049443000001b24c61766335392e33372e313030068080800102";
        let numbered = |byte| {
            format!(
                "00000000038080804f0001000480808041201100000000030d4000000400058080802f000001b001000001b58913000001000000012000c4{byte}88002d0204049443000001b24c61766335392e33372e313030068080800102"
            )
        };
        assert_eq!(of_mpeg4(&bytes(written)), Shape::Told(3, 1));
        assert_eq!(of_mpeg4(&bytes(&numbered("95"))), Shape::Told(12, 11));
        assert_eq!(of_mpeg4(&bytes(&numbered("9d"))), Shape::Told(10, 11));
        assert_eq!(of_mpeg4(&bytes(&numbered("8d"))), Shape::Told(1, 1));
    }

    /// A parameter set, bit by bit: what no encoder at hand writes.
    #[derive(Default)]
    struct Written(Vec<bool>);

    impl Written {
        fn bits(mut self, number: u32, count: u32) -> Written {
            self.0.extend((0..count).rev().map(|bit| number >> bit & 1 == 1));
            self
        }

        fn ue(self, number: u32) -> Written {
            let width = (number + 1).ilog2();
            self.bits(0, width).bits(number + 1, width + 1)
        }

        fn se(self, number: i32) -> Written {
            self.ue(if number > 0 { 2 * number.unsigned_abs() - 1 } else { 2 * number.unsigned_abs() })
        }

        /// As `avcC`, with the bytes that keep start codes away.
        fn config(self, profile: u8) -> Vec<u8> {
            let mut set = vec![0x67, profile, 0, 30];
            for byte in self.0.chunks(8) {
                let byte = (0..8).fold(0, |all, at| all << 1 | u8::from(byte.get(at).copied().unwrap_or_default()));
                if set.ends_with(&[0, 0]) && byte <= 3 {
                    set.push(3);
                }
                set.push(byte);
            }
            let [high, low] = u16::try_from(set.len()).unwrap().to_be_bytes();
            [&[1, profile, 0, 30, 0xff, 0xe1, high, low][..], &set, &[0]].concat()
        }
    }

    #[test]
    fn scaling_lists_picture_order_and_separate_planes_are_passed_over() {
        for (profile, chroma, lists) in [(100, 1, 8), (244, 3, 12), (122, 2, 8), (66, 1, 0), (77, 1, 0)] {
            let mut set = Written::default().ue(0);
            if lists > 0 {
                set = set.ue(chroma);
                set = if chroma == 3 { set.bits(1, 1) } else { set };
                set = set.ue(0).ue(0).bits(0, 1).bits(1, 1);
                for list in 0..lists {
                    // One is absent, one ends early, one goes down and around.
                    set = match list {
                        1 => set.bits(0, 1),
                        2 => set.bits(1, 1).se(4).se(-12),
                        _ => (0..if list < 6 { 16 } else { 64 })
                            .fold(set.bits(1, 1), |set, at| set.se(if at % 7 == 6 { -3 } else { 5 })),
                    };
                }
            }
            let set = set.ue(4).ue(1).bits(0, 1).se(-2).se(1).ue(3).se(1).se(-1).se(0);
            // Frames and fields, cropped.
            let set =
                set.ue(4).bits(0, 1).ue(39).ue(8).bits(0, 1).bits(1, 1).bits(1, 1).bits(1, 1).ue(0).ue(1).ue(0).ue(2);
            let config = set.bits(1, 1).bits(1, 1).bits(255, 8).bits(0x0003, 16).bits(0x0001, 16).config(profile);
            assert_eq!(of_avc(&config), Shape::Told(3, 1), "profile {profile}");
        }
    }

    #[test]
    fn a_header_that_ends_anywhere_or_is_rubbish_is_unknown_or_open_and_never_wrong() {
        for (hex, wanted) in AVC {
            let whole = bytes(hex);
            for cut in 0..whole.len() {
                let shape = of_avc(&whole[..cut]);
                assert!(shape == Shape::Unknown || shape == *wanted, "{hex} cut at {cut}: {shape:?}");
            }
        }
        for fill in [0x00, 0xff, 0x55, 0x01] {
            for len in 0..80 {
                let rubbish = vec![fill; len];
                assert!(!matches!(of_avc(&rubbish), Shape::Told(0, _) | Shape::Told(_, 0)));
                assert!(!matches!(of_mpeg4(&rubbish), Shape::Told(0, _) | Shape::Told(_, 0)));
            }
        }
        assert_eq!(of_mpeg4(&bytes("000000000380808025000200048080801740")), Shape::Unknown, "MPEG-2");
        // Sets that come with the frames (avc3).
        assert_eq!(of_avc(&bytes("014d401effe000")), Shape::Unknown);
    }
}
