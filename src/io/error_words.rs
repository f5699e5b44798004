//! The words for a system error in every file, folder and stream, without the error number.

use std::io::{Error, ErrorKind};

/// `permission denied`, without a full stop.
pub fn error_words(error: &Error) -> String {
    let known = match error.kind() {
        ErrorKind::NotFound => "no such file or folder",
        ErrorKind::PermissionDenied => "permission denied",
        ErrorKind::IsADirectory => "it is a folder",
        ErrorKind::NotADirectory => "a part of its path is not a folder",
        ErrorKind::AlreadyExists => "a file with this name already exists",
        ErrorKind::StorageFull => "the disk is full",
        ErrorKind::QuotaExceeded => "the disk quota is used up",
        ErrorKind::ReadOnlyFilesystem => "the disk is read-only",
        ErrorKind::FileTooLarge => "the file is larger than the system allows",
        ErrorKind::InvalidFilename => "the system does not take this name",
        ErrorKind::InvalidData => "it is not UTF-8 text",
        ErrorKind::AddrInUse => "the port is in use",
        ErrorKind::ConnectionRefused => "connection refused",
        ErrorKind::TimedOut => "time-out",
        ErrorKind::BrokenPipe => "its reader has closed it",
        _ => return without_number(&error.to_string()),
    };
    // The text of our own errors says more than their kind.
    if error.raw_os_error().is_some() || error.get_ref().is_none() {
        known.to_owned()
    } else {
        without_number(&error.to_string())
    }
}

/// `Stale file handle (os error 116)` becomes lower case without the number.
fn without_number(text: &str) -> String {
    let text = text.split(" (os error").next().unwrap_or(text);
    let mut characters = text.chars();
    match characters.next() {
        Some(first) if characters.clone().next().is_some_and(char::is_lowercase) => {
            first.to_lowercase().chain(characters).collect()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_error_of_the_system_is_shown_with_its_number() {
        for number in 1..134 {
            let said = error_words(&Error::from_raw_os_error(number));
            assert!(!said.contains("os error") && !said.is_empty(), "{said}");
            let first = said.chars().next().unwrap();
            assert!(
                !first.is_uppercase() || said.starts_with("RFS") || said.chars().nth(1).unwrap().is_uppercase(),
                "{said}"
            );
        }
    }

    #[test]
    fn common_errors_have_plain_words_and_our_own_words_stay() {
        let of = |number| error_words(&Error::from_raw_os_error(number));
        assert_eq!((of(2).as_str(), of(13).as_str()), ("no such file or folder", "permission denied"));
        assert_eq!((of(21).as_str(), of(28).as_str()), ("it is a folder", "the disk is full"));
        assert_eq!(error_words(&Error::other("it is not a regular file")), "it is not a regular file");
        assert_eq!(error_words(&Error::new(ErrorKind::NotFound, "the list is gone")), "the list is gone");
        assert_eq!(error_words(&Error::from(ErrorKind::NotFound)), "no such file or folder");
    }
}
