//! The committed seeds and words of the fuzz targets.
//!
//! Touches the files of `fuzz`, to read them.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

/// The seeds of a target, with the files that they are in.
pub fn seeds(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder().join("corpus").join(target))
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| (path.clone(), fs::read(&path).unwrap()))
        .collect()
}

/// A seed has to be there, with this name, and be this; `TANDEM_UPDATE=1` writes it.
pub fn plant(target: &str, name: &str, seed: &[u8]) {
    let path = folder().join("corpus").join(target).join(name);
    if std::env::var_os("TANDEM_UPDATE").is_some() {
        fs::write(&path, seed).unwrap();
    }
    let is = fs::read(&path).unwrap_or_default();
    assert!(is == seed, "{}", path.display());
}

/// The words of a dictionary, as libFuzzer reads them: one in a line, in double quotes, with `\\`, `\"` and `\x0d`.
pub fn words(dictionary: &str) -> Vec<Vec<u8>> {
    let text = fs::read_to_string(folder().join(dictionary)).unwrap();
    let quoted = text
        .lines()
        .filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
    quoted.map(unescaped).collect()
}

fn unescaped(word: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut rest = word.as_bytes();
    while let [first, then @ ..] = rest {
        let (octet, then) = match (first, then) {
            (b'\\', [b'x', high, low, then @ ..]) => {
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).unwrap();
                (u8::from_str_radix(digits, 16).unwrap(), then)
            }
            (b'\\', [escaped, then @ ..]) => (*escaped, then),
            _ => (*first, then),
        };
        octets.push(octet);
        rest = then;
    }
    octets
}

#[test]
fn words_are_read_as_libfuzzer_reads_them() {
    assert_eq!(unescaped(r#"LIST \"\" \x0d\x0a\\"#), b"LIST \"\" \r\n\\");
    assert!(words("imap.dict").len() >= 100 && words("message.dict").len() >= 30);
}
