//! Passwords, compared; and as they are kept: hashed with argon2id, in the PHC string format.
//!
//! Touches nothing but the system's randomness, for salts. RFC 9106; the parameters are those that OWASP's Password Storage Cheat
//! Sheet calls the least. [`hash`] and [`verify`] block for some ten milliseconds and take [`MEMORY`] while they do: call them where
//! blocking is allowed, and not for everybody at once.

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::Error,
};
use std::hint::black_box;

/// How much memory one hash takes, in KiB.
pub const MEMORY: u32 = 19 << 10;

/// How often it goes through that memory.
pub const PASSES: u32 = 2;

/// How many lanes it has.
pub const LANES: u32 = 1;

/// The most octets of a password that [`hash`] takes; more are no harder to guess.
pub const MOST: usize = 1024;

/// Stands for the salt where there is nobody whose salt it could be.
const NOBODY: &[u8] = b"salt for nobody.";

/// Whether both are the same; the time it takes depends on the length of what was given only.
#[must_use]
pub fn same(given: &[u8], known: &[u8]) -> bool {
    let mut difference = u8::from(given.len() != known.len());
    for (at, byte) in given.iter().enumerate() {
        difference |= black_box(byte ^ known.get(at).copied().unwrap_or_default());
    }
    black_box(difference) == 0
}

/// The hash of a password, with a salt of its own: of the same password, never the same twice.
///
/// # Errors
/// The system has no randomness, or the password has more than [`MOST`] octets.
pub fn hash(password: &[u8]) -> Result<String, Error> {
    if password.len() > MOST {
        return Err(Error::PasswordInvalid);
    }
    Ok(hasher()?.hash_password(password)?.to_string())
}

/// Whether this is the password of which that is the hash. Where there is none (the user is unknown, or has no password), the answer is no, and takes
/// as long as for a wrong password. It is no as well for what is no hash.
#[must_use]
pub fn verify(password: &[u8], hash: Option<&str>) -> bool {
    let hash = hash.filter(|_| password.len() <= MOST);
    // The parameters are those in the hash: it may be older than the constants here.
    let verified = hash.map(|hash| Argon2::default().verify_password(password, hash));
    match verified {
        Some(Ok(())) => true,
        Some(Err(Error::PasswordInvalid)) => false,
        Some(Err(_)) | None => {
            // What comes out matters to nobody, only the time that it takes.
            let mut unheard = [0; Params::DEFAULT_OUTPUT_LEN];
            let given = password.get(..MOST).unwrap_or(password);
            let _ = hasher().map(|hasher| hasher.hash_password_into(given, NOBODY, &mut unheard));
            black_box(unheard);
            false
        }
    }
}

fn hasher() -> Result<Argon2<'static>, Error> {
    let params = Params::new(MEMORY, PASSES, LANES, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn only_what_is_the_same_is_the_same() {
        assert!(same(b"demo", b"demo") && same(b"", b""));
        for (given, known) in [
            ("demo", "Demo"),
            ("", "demo"),
            ("demodemo", "demo"),
            ("dem", "demo"),
            ("demo\0", "demo"),
        ] {
            assert!(!same(given.as_bytes(), known.as_bytes()), "{given}");
        }
    }

    #[test]
    fn a_password_is_verified_by_its_hash_and_no_other_is() {
        for password in ["secret", "", "pässwörd", &"x".repeat(MOST)] {
            let kept = hash(password.as_bytes()).unwrap();
            assert!(verify(password.as_bytes(), Some(&kept)));
            for wrong in ["Secret", "secret ", "secre", &"x".repeat(MOST + 1)] {
                assert!(!verify(wrong.as_bytes(), Some(&kept)), "{wrong}");
            }
        }
    }

    #[test]
    fn a_hash_says_how_it_was_made_and_is_salted() {
        let (first, second) = (hash(b"secret").unwrap(), hash(b"secret").unwrap());
        assert!(
            first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{first}"
        );
        assert_ne!(first, second);
    }

    #[test]
    fn a_hash_of_other_parameters_is_still_understood() {
        let older = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(64, 1, 1, None).unwrap(),
        );
        let kept = older.hash_password(b"secret").unwrap().to_string();
        assert!(verify(b"secret", Some(&kept)) && !verify(b"other", Some(&kept)));
    }

    #[test]
    fn what_is_no_hash_verifies_nothing() {
        let kept = hash(b"secret").unwrap();
        let cut = kept.rsplit_once('$').unwrap().0;
        for wrong in [
            "",
            "secret",
            "$argon2id$",
            cut,
            "$2y$10$abcdefghijklmnopqrstuv",
        ] {
            assert!(!verify(b"secret", Some(wrong)), "{wrong}");
            assert!(!verify(b"", Some(wrong)), "{wrong}");
        }
        assert!(!verify(b"", None) && !verify(b"salt for nobody.", None));
    }

    #[test]
    fn a_password_that_is_too_long_is_not_hashed() {
        assert_eq!(hash(&[b'x'; MOST + 1]), Err(Error::PasswordInvalid));
    }

    #[test]
    fn somebody_unknown_takes_as_long_as_a_wrong_password() {
        let kept = hash(b"secret").unwrap();
        let long = [b'x'; MOST + 1];
        let attempts: [(&[u8], Option<&str>); 4] = [
            (b"wrong", Some(&kept)),
            (b"wrong", None),
            (b"wrong", Some("$argon2id$")),
            (&long, Some(&kept)),
        ];
        // Of several rounds, the shortest time: what else the machine does makes times longer only.
        let mut shortest = [Duration::MAX; 4];
        for _ in 0..7 {
            for (shortest, (password, hash)) in shortest.iter_mut().zip(attempts) {
                let start = Instant::now();
                assert!(!verify(password, hash));
                *shortest = start.elapsed().min(*shortest);
            }
        }
        assert!(
            shortest.iter().all(|&time| time * 4 > shortest[0]),
            "{shortest:?}"
        );
    }
}
