//! What the function's program asks of the machine that runs it: architecture and version of the C library.
//!
//! Source: the System V ABI's ELF header; the GNU extension `.gnu.version_r`, which lists the symbol versions that the
//! dynamic linker must find.

use std::{fmt, str::FromStr};

use object::{
    Endianness,
    elf::{EM_AARCH64, EM_X86_64, FileHeader64},
    read::elf::FileHeader as _,
};
use serde::{Deserialize, Serialize};

/// A processor that Lambda offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Architecture {
    /// Intel's and AMD's, 64 bit.
    #[serde(rename = "x86_64")]
    X86_64,
    /// Arm's, 64 bit: AWS's Graviton.
    #[serde(rename = "arm64")]
    Arm64,
}

impl Architecture {
    /// The processor of the machine that compiles this, if Lambda offers it.
    pub const HOST: Option<Self> = if cfg!(target_arch = "x86_64") {
        Some(Self::X86_64)
    } else if cfg!(target_arch = "aarch64") {
        Some(Self::Arm64)
    } else {
        None
    };

    /// Returns Rust's target triple for this processor, on Linux with glibc.
    #[must_use]
    pub const fn target(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64-unknown-linux-gnu",
            Self::Arm64 => "aarch64-unknown-linux-gnu",
        }
    }
}

impl fmt::Display for Architecture {
    /// Lambda's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        })
    }
}

impl FromStr for Architecture {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = [Self::X86_64, Self::Arm64].into_iter().find(|known| known.to_string() == name);
        found.ok_or_else(|| format!("'{name}' is no architecture of Lambda's; expected x86_64 or arm64"))
    }
}

/// A version of the GNU C library, `major.minor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Glibc {
    /// The part before the point.
    pub major: u32,
    /// The part after the point.
    pub minor: u32,
}

impl Glibc {
    /// The one that Lambda's `provided.al2023` has.
    pub const OF_LAMBDA: Self = Self { major: 2, minor: 34 };

    /// Reads `2.34`, or the beginning of `2.34.1`.
    fn parse(version: &str) -> Option<Self> {
        let mut numbers = version.split('.');
        Some(Self { major: numbers.next()?.parse().ok()?, minor: numbers.next()?.parse().ok()? })
    }
}

impl fmt::Display for Glibc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// Why Lambda could not start a program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ElfError {
    /// It is no program for 64-bit Linux at all.
    #[error("the function's program is no 64-bit ELF file; build it for Linux")]
    NotElf,
    /// It is damaged.
    #[error("the function's program cannot be read: {0}; build it again")]
    Damaged(String),
    /// It is for another processor.
    #[error("the function's program is for {found}, the package for {expected}; build it with `--target {}`", expected.target())]
    Architecture {
        /// The processor that it is for.
        found: String,
        /// The processor that was asked for.
        expected: Architecture,
    },
    /// It needs a newer C library than Lambda has.
    #[error(
        "the function's program needs glibc {needed} (symbol version {symbol_version}), Lambda has {available}; build it on a system \
         with glibc {available} or older, or statically with RUSTFLAGS=\"-C target-feature=+crt-static\""
    )]
    Glibc {
        /// What it needs.
        needed: Glibc,
        /// As the file spells it.
        symbol_version: String,
        /// What there is.
        available: Glibc,
    },
}

/// Checks that Lambda can start a program: it is for `architecture` and needs at most `available`.
///
/// Returns the newest C library that it needs, or none if it is static.
///
/// # Errors
/// [`ElfError`] with the remedy.
pub fn check(
    program: &[u8],
    architecture: Architecture,
    available: Glibc,
) -> Result<Option<Glibc>, ElfError> {
    let header = FileHeader64::<Endianness>::parse(program).map_err(|_| ElfError::NotElf)?;
    let endian = header.endian().map_err(damaged)?;
    let expected = match architecture {
        Architecture::X86_64 => EM_X86_64,
        Architecture::Arm64 => EM_AARCH64,
    };
    let machine = header.e_machine(endian);
    if machine != expected {
        let found = match machine {
            EM_X86_64 => "x86_64".to_owned(),
            EM_AARCH64 => "arm64".to_owned(),
            other => format!("machine {}", other.0),
        };
        return Err(ElfError::Architecture { found, expected: architecture });
    }
    let mut newest: Option<Glibc> = None;
    let sections = header.sections(endian, program).map_err(damaged)?;
    let Some((mut libraries, names)) = sections.gnu_verneed(endian, program).map_err(damaged)? else {
        return Ok(None);
    };
    let names = sections.strings(endian, program, names).map_err(damaged)?;
    while let Some((_, mut versions)) = libraries.next().map_err(damaged)? {
        while let Some(version) = versions.next().map_err(damaged)? {
            let name = version.name(endian, names).map_err(damaged)?;
            let name = String::from_utf8_lossy(name);
            // GLIBC_PRIVATE and other libraries' versions (GCC_3.0) say nothing of the C library's age.
            let Some(needed) = name.strip_prefix("GLIBC_").and_then(Glibc::parse) else { continue };
            if needed > available {
                return Err(ElfError::Glibc { needed, symbol_version: name.into_owned(), available });
            }
            newest = newest.max(Some(needed));
        }
    }
    Ok(newest)
}

fn damaged(error: object::read::Error) -> ElfError {
    ElfError::Damaged(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// This very test: a real program of the machine's compiler.
    fn own_program() -> Vec<u8> {
        fs::read(std::env::current_exe().unwrap()).unwrap()
    }

    #[test]
    fn a_program_of_this_machine_tells_what_it_needs() {
        let newest = Glibc { major: 99, minor: 0 };
        let needed = check(&own_program(), Architecture::HOST.unwrap(), newest).unwrap().unwrap();
        // Rust's own standard library asks for 2.14 at least (memcpy).
        assert!(needed >= Glibc { major: 2, minor: 14 } && needed < newest, "{needed}");
    }

    #[test]
    fn a_newer_symbol_than_there_is_is_refused_with_the_remedy() {
        let old = Glibc { major: 2, minor: 2 };
        let refused = check(&own_program(), Architecture::HOST.unwrap(), old).unwrap_err();
        let ElfError::Glibc { needed, available, .. } = &refused else { panic!("{refused}") };
        assert!(*needed > old && *available == old);
        assert!(refused.to_string().contains("glibc 2.2 or older, or statically"), "{refused}");
    }

    #[test]
    fn another_processor_is_refused_by_name() {
        let mut program = own_program();
        let other = match Architecture::HOST.unwrap() {
            Architecture::X86_64 => Architecture::Arm64,
            Architecture::Arm64 => Architecture::X86_64,
        };
        let refused = check(&program, other, Glibc::OF_LAMBDA).unwrap_err();
        assert!(refused.to_string().contains(&format!("--target {}", other.target())), "{refused}");
        program[18] = 8; // e_machine: MIPS
        program[19] = 0;
        let refused = check(&program, other, Glibc::OF_LAMBDA).unwrap_err();
        assert!(refused.to_string().contains("is for machine 8"), "{refused}");
    }

    #[test]
    fn what_is_cut_off_is_an_error_and_never_a_panic() {
        let program = own_program();
        for length in (0..program.len()).step_by(program.len() / 200) {
            let _ = check(&program[..length], Architecture::HOST.unwrap(), Glibc::OF_LAMBDA);
        }
        assert_eq!(check(&program[..3], Architecture::X86_64, Glibc::OF_LAMBDA), Err(ElfError::NotElf));
    }

    #[test]
    fn versions_are_ordered_as_numbers() {
        assert!(Glibc::parse("2.4").unwrap() < Glibc::parse("2.34").unwrap());
        assert_eq!(Glibc::parse("2.2.5"), Some(Glibc { major: 2, minor: 2 }));
        assert_eq!(Glibc::parse("PRIVATE"), None);
    }
}
