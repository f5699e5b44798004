//! A fast and reliable test for English, the language of most transcripts: if it succeeds, no other language is tested.
//! It never identifies other languages.

/// Minimum number of words.
const FEWEST_WORDS: u32 = 50;

/// Minimum number of different English words: a quotation or refrain repeats few.
const FEWEST_KINDS: u32 = 7;

/// At least one word in five must be a common English one. Running text has one in three.
const PART: u32 = 5;

/// English words outweighed by one word of another language.
const FOREIGN_WEIGHT: u32 = 4;

/// Common English words that no other language in Latin script uses.
const ENGLISH: [&str; 64] = [
    "about", "after", "again", "and", "because", "before", "being", "could", "does", "doing", "even", "every", "from",
    "getting", "going", "have", "his", "how", "into", "its", "know", "many", "much", "never", "nothing", "only",
    "other", "our", "out", "people", "really", "right", "said", "she", "should", "some", "than", "that", "the",
    "their", "them", "then", "there", "these", "they", "thing", "things", "think", "this", "those", "through", "today",
    "until", "very", "were", "what", "when", "where", "which", "while", "with", "would", "you", "your",
];

/// The most common words of other languages, English-based creoles and Scots that are rare in English.
const FOREIGN: [&str; 78] = [
    "abeg", "ang", "att", "auf", "aur", "av", "ay", "bilong", "bir", "che", "das", "dat", "de", "deh", "dem", "der",
    "det", "dey", "di", "dinnae", "dis", "een", "ein", "ek", "el", "en", "era", "et", "fi", "frae", "hae", "hai",
    "het", "hij", "hindi", "ich", "ik", "ikke", "il", "ist", "itu", "jag", "je", "jeg", "jest", "jy", "kar", "ki",
    "ko", "kya", "les", "los", "mga", "nae", "nahi", "ng", "nga", "nicht", "nie", "niet", "och", "og", "olsem", "pas",
    "que", "sabi", "ska", "som", "tae", "und", "une", "van", "vir", "wetin", "wey", "wi", "yang", "yung",
];

/// One word in so many is a common English one where a good part of the text is English.
const PART_OF_MIXED: u32 = 14;

/// Minimum number of different ones of them: a title or a quotation has few.
const FEWEST_KINDS_OF_MIXED: u32 = 5;

/// Whether a text is certainly English.
pub(super) fn is_surely_english(text: &str) -> bool {
    let Words { words, english, foreign, kinds } = counted(text);
    let surplus = english.saturating_sub(foreign.saturating_mul(FOREIGN_WEIGHT));
    words >= FEWEST_WORDS && kinds >= FEWEST_KINDS && surplus >= words / PART
}

/// Whether a text in another language is also in English, as captions in two languages are.
pub(super) fn is_partly_english(text: &str) -> bool {
    let Words { words, english, kinds, .. } = counted(text);
    kinds >= FEWEST_KINDS_OF_MIXED && english >= words / PART_OF_MIXED
}

struct Words {
    words: u32,
    english: u32,
    foreign: u32,
    /// Different English ones.
    kinds: u32,
}

fn counted(text: &str) -> Words {
    let (mut words, mut english, mut foreign, mut kinds) = (0u32, 0u32, 0u32, 0u64);
    let mut word = 0u64;
    // A line end after the last word.
    for byte in text.bytes().chain([b'\n']) {
        if byte.is_ascii_alphabetic() {
            word = (word << 8) | u64::from(byte | 0x20);
            continue;
        }
        // Letters that English lacks. 0xC2 and 0xE2 start quotation marks, dashes and music notes.
        foreign += u32::from(byte > 0xC2 && byte != 0xE2);
        // Single letters are articles, the ends of `don't` and `it's`, or words in any language.
        if word > 0xFF {
            words += 1;
            match known(word) {
                Some(kind) if kind < ENGLISH.len() => {
                    english += 1;
                    kinds |= 1 << kind;
                }
                Some(_) => foreign += 1,
                None => {}
            }
        }
        word = 0;
    }
    Words { words, english, foreign, kinds: kinds.count_ones() }
}

/// Where a word is in [`ENGLISH`], or else in [`FOREIGN`] behind it. A search in order would guess six branches a word,
/// which costs more than all else here.
fn known(word: u64) -> Option<usize> {
    let mut slot = slot(word);
    loop {
        let (known, kind) = KNOWN.get(slot)?;
        if *known == word || *known == 0 {
            return (*known == word).then_some(usize::from(*kind));
        }
        slot = (slot + 1) % SLOTS;
    }
}

/// Slots for the words: most are empty, so most words take one look.
const SLOTS: usize = 1024;

/// Where to look for a word first.
const fn slot(word: u64) -> usize {
    (word.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 54) as usize
}

/// All words by their slot: as a number, one byte per letter, of which the last eight are kept, and which word it is.
static KNOWN: [(u64, u8); SLOTS] = known_words();

#[expect(clippy::indexing_slicing, reason = "it runs when the program is compiled")]
const fn known_words() -> [(u64, u8); SLOTS] {
    let mut known = [(0, 0); SLOTS];
    let mut kind = 0;
    while kind < ENGLISH.len() + FOREIGN.len() {
        let word = if kind < ENGLISH.len() { ENGLISH[kind] } else { FOREIGN[kind - ENGLISH.len()] };
        let (letters, mut letter, mut word) = (word.as_bytes(), 0, 0u64);
        while letter < letters.len() {
            word = (word << 8) | letters[letter] as u64;
            letter += 1;
        }
        let mut slot = slot(word);
        while known[slot].0 != 0 {
            slot = (slot + 1) % SLOTS;
        }
        known[slot] = (word, kind as u8);
        kind += 1;
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_is_known_by_its_common_words() {
        for text in [
            "The harbour reopened today after eleven days of storm, and ferries to the islands run again from \
             tomorrow morning, said the chief engineer. While we are ready, she added, there are still people waiting \
             on the other side who have not been home for more than a week. The council will meet on Thursday to \
             decide which of the damaged piers should be rebuilt first, because the money would not be enough for all \
             of them.",
            "- Hey, what are you doing here? - I don't know. I thought you said eight. No, I said nine. Come on, sit \
             down. You want some coffee? - Yeah, sure, thanks. So how's your mother? She's fine. She's getting \
             better, I think. Good. That's good. Look, I have to tell you something, and I need you to not get mad. \
             Oh, God. What did you do? Nothing! I just... I might have sold the car. You sold my car? Are you out of \
             your mind?",
            "So today we are going to talk about the second law of thermodynamics. What it says, in one form, is that \
             the entropy of an isolated system never decreases. Now, that is a strange law if you think about it, \
             because every law that we have seen so far works just as well when you run time backwards. If I show you \
             a film of two billiard balls, you can't tell me whether it runs forward.",
        ] {
            assert!(is_surely_english(text), "{text}");
            assert!(is_surely_english(&text.to_uppercase()), "in capitals: {text}");
            let beginning: String = text.chars().take(150).collect();
            assert!(!is_surely_english(&beginning), "too little: {beginning}");
        }
    }

    #[test]
    fn ambiguous_text_is_not_called_english() {
        for (name, text) in [
            (
                "a refrain",
                "Oh baby, baby, la la la, na na na, I love you, love you, oh yeah Dancing in the moonlight, holding you \
             so tight La la la la la, come on, come on, let it go tonight We are young and we are free, forever you \
             and me Oh oh oh, oh oh oh, hey hey hey, dance with me La la la la, na na na na, under the stars, under \
             the sea",
            ),
            (
                "names and few other words",
                "And Martinez takes it down the left, cuts inside, he's got Rodriguez in the box. Oh, what a ball! \
             Header, saved! Unbelievable stop by the keeper. That could have been two nil. The crowd is on its feet \
             here at the Bernabeu. Corner to the home side with twenty minutes to go. De Bruyne over it, Van Dijk is \
             up from the back, and it's cleared by De Jong.",
            ),
            (
                "Dutch",
                "De haven is vandaag weer open gegaan na elf dagen storm, en de veerboten naar de eilanden varen morgen \
             weer. We zijn er klaar voor, zei de hoofdingenieur, maar het is nog niet zeker of alle mensen die aan de \
             andere kant wachten morgen al thuis kunnen zijn. Was het maar zo simpel, zei hij, want het weer is hier \
             in de winter altijd zo geweest en we weten niet wat er nog komt.",
            ),
            (
                "German",
                "Der Hafen wurde heute nach elf Tagen Sturm wieder geöffnet, und die Fähren zu den Inseln fahren ab \
             morgen früh wieder. Wir sind bereit, sagte die Chefingenieurin, aber es warten noch viele Menschen auf \
             der anderen Seite, die seit mehr als einer Woche nicht zu Hause waren. Der Rat will am Donnerstag \
             entscheiden.",
            ),
            (
                "French that quotes English",
                "Il a dit: \"You know what I think about that? They should have never been there with the other people.\" \
             Et puis elle a répondu: \"That is what you would say, and it is not true.\" Alors tout le monde a ri, \
             parce que c'était exactement ce que nous attendions de lui depuis le début de la réunion, et personne ne \
             voulait plus parler de cette histoire après les vacances.",
            ),
            (
                "French without accents",
                "Le port a rouvert aujourd'hui et les bateaux partent demain matin pour les iles, a dit le chef. Nous \
             sommes contents, mais il y a encore beaucoup de gens qui attendent de l'autre cote et qui ne sont pas \
             rentres chez eux depuis plus d'une semaine. On va voir si on a assez d'argent pour tout refaire.",
            ),
            (
                "Tagalog",
                "Ang daungan ay muling binuksan ngayon matapos ang labing-isang araw ng bagyo, at ang mga barko papunta \
             sa mga isla ay maglalayag muli bukas ng umaga. Handa na kami, sabi ng punong inhinyero, pero marami pa \
             ring tao ang naghihintay sa kabila na hindi pa nakakauwi nang higit sa isang linggo.",
            ),
            (
                "Tagalog mixed with English",
                "So yung mga tao, they said na hindi pa raw sila ready, kasi the storm was really strong daw. And then \
             sabi ko, why don't you wait for the other ferry, because that one is going to the island naman. Pero ang \
             sabi niya, you know what, I think we should just go home na lang, kasi there are so many people here and \
             hindi na natin kaya.",
            ),
            (
                "Afrikaans",
                "Die hawe is vandag weer oop na elf dae van storm, en die veerbote na die eilande vaar van more af weer. \
             Ons is gereed, het die hoofingenieur gese, maar daar is nog baie mense wat aan die ander kant wag en wat \
             al meer as 'n week nie by die huis was nie. My man was in die water en hy het nie geweet of hy sou leef \
             nie.",
            ),
            (
                "Nigerian Pidgin",
                "Di harbour don open today after eleven days wey storm dey, and ferry wey dey go island go start to dey \
             run again tomorrow morning. We don ready, na wetin di chief engineer talk, but plenty people still dey \
             wait for the other side wey never reach house since last week. Dem say the government go meet on \
             Thursday make dem decide wetin dem go do about the place, because money no dey for all of them.",
            ),
            (
                "Scots",
                "The wee harbour is open the day efter eleven days o storm, and the boats tae the isles will be gaun \
             again fae the morn, said the heid engineer. We are ready, she said, but there are mony folk waitin on \
             the ither side wha hae nae been hame for mair than a week. The cooncil will meet on Thursday tae decide \
             whit piers should be biggit first, because the siller wouldnae be eneuch for them aw.",
            ),
            (
                "Jamaican",
                "Di harbour open back today after eleven day a storm, an di boat dem weh go a di island a go start run \
             again tomorrow mawnin. Wi ready, di chief engineer seh, but nuff people still a wait pon di other side \
             weh nuh reach home fi more dan one week. Dem a go meet Thursday fi decide wah dem fi do.",
            ),
            (
                "Tok Pisin",
                "Ol pipel i wet long hapsait bilong solwara i no bin go long haus bilong ol inap wanpela wik. Mipela redi \
             nau, nambawan ensinia i tok, tasol mani i no inap long stretim olgeta samting. Kaunsil bai i bung long \
             Fonde na toktok long wanem samting ol i mas wokim pastaim long bris bilong ol sip.",
            ),
            (
                "Danish",
                "Havnen blev genåbnet i dag efter elleve dages storm, og færgerne til øerne sejler igen fra i morgen \
             tidlig. Vi er klar, sagde chefingeniøren, men der er stadig mange mennesker, som venter på den anden \
             side, og som ikke har været hjemme i mere end en uge. Man kan ikke have det hele.",
            ),
            (
                "Swedish without dots",
                "Hamnen har oppnats igen i dag efter elva dagars storm, och farjorna till oarna gar igen fran i morgon \
             bitti. Vi ar redo, sade chefsingenjoren, men det finns fortfarande manga manniskor som vantar pa andra \
             sidan och som inte har varit hemma pa mer an en vecka. Just nu vet vi inte hur det ska ga.",
            ),
            (
                "Spanish without accents",
                "El puerto reabrio hoy despues de once dias de tormenta, y los barcos a las islas salen otra vez desde \
             manana por la manana. Estamos listos, dijo la ingeniera, pero todavia hay mucha gente que espera al otro \
             lado y que no ha vuelto a casa en mas de una semana.",
            ),
            (
                "Indonesian",
                "Pelabuhan dibuka kembali hari ini setelah sebelas hari badai, dan feri ke pulau-pulau akan berjalan lagi \
             mulai besok pagi. Kami siap, kata kepala insinyur, tetapi masih banyak orang yang menunggu di seberang \
             dan belum pulang lebih dari seminggu. Ini tidak mudah untuk mereka.",
            ),
            (
                "Polish without accents",
                "Port zostal dzis otwarty po jedenastu dniach sztormu, a promy na wyspy znow plywaja od jutra rana. \
             Jestesmy gotowi, powiedziala glowna inzynier, ale po drugiej stronie wciaz czeka wielu ludzi, ktorzy nie \
             byli w domu od ponad tygodnia. To nie jest takie proste, my to wiemy.",
            ),
            (
                "Romanian without accents",
                "Portul s-a redeschis astazi dupa unsprezece zile de furtuna, iar feriboturile spre insule pleaca din nou \
             maine dimineata. Suntem pregatiti, a spus ea, dar mai sunt multi oameni care asteapta pe partea cealalta \
             si care nu au mai fost acasa de peste o saptamana. Are dreptate, nu are bani.",
            ),
            (
                "English over Spanish",
                "The harbour is open again today. El puerto abre de nuevo hoy. We are ready for the people who have been \
             waiting. Estamos listos para la gente que ha esperado. They should have been home a week ago. Deberian \
             haber vuelto hace una semana. What do you think about that? Que piensas de eso? I think that it was \
             about time. Creo que ya era hora. She said that the council will meet. Ella dijo que se reunira el \
             consejo.",
            ),
            (
                "English over Chinese",
                "The harbour is open again today. 港口今天重新开放。 We are ready for the people who have been waiting. 我们已经准备好了。 \
             They should have been home a week ago. 他们一周前就该回家了。 What do you think about that? 你怎么看? I think that it \
             was about time. 我觉得是时候了。 What would you have said to them then?",
            ),
            (
                "Hindi mixed with English",
                "Yaar tum log kya kar rahe ho, maine bola tha na that we should go there before the match. Lekin she said \
             ki because of the traffic, it is not possible. To phir maine socha, chalo, what can you do about it. Aur \
             phir they started fighting, matlab seriously, and I was just standing there ki kya ho raha hai, you \
             know.",
            ),
            (
                "Vietnamese without accents",
                "Cang da mo cua tro lai hom nay sau muoi mot ngay bao, va cac chuyen pha ra dao se chay lai tu sang mai. \
             Chung toi da san sang, ky su truong noi, nhung van con nhieu nguoi dang cho o ben kia va chua ve nha hon \
             mot tuan. Chung ta se the nao khi the gioi than nhau hon.",
            ),
            (
                "Latin",
                "Portus hodie post undecim dies tempestatis rursus apertus est, et naves ad insulas cras mane iterum \
             navigabunt. Parati sumus, inquit magistra, sed multi homines adhuc in altera parte exspectant, qui plus \
             quam septem dies domi non fuerunt. Quid de hac re cogitas, amice?",
            ),
        ] {
            assert!(!is_surely_english(text), "{name}");
            assert!(!is_surely_english(&text.repeat(20)), "{name}, at length");
        }
    }

    #[test]
    fn no_word_is_both_english_and_foreign() {
        assert!(ENGLISH.iter().all(|word| !FOREIGN.contains(word)));
    }
}
