//! Adds a section to a finished program. What is loaded at run time stays as it is, byte for byte: the section, a longer table
//! of names and a new table of sections are appended, and only the file header's pointer to that table changes.

use object::{Endianness, Object as _, elf::SHT_PROGBITS, read::elf::ElfFile64};

use crate::elf::ElfError;

/// The sizes of a section's header and of its fields, and where they are: ELF, 64 bits.
const SECTION_HEADER_BYTES: usize = 64;
const SH_OFFSET: usize = 24;
const SH_SIZE: usize = 32;
/// Where the file header says where the table of sections is, and how many there are.
const E_SHOFF: usize = 40;
const E_SHNUM: usize = 60;
const E_SHSTRNDX: usize = 62;

/// Returns the program with a section that is not loaded. A program that has the section already is returned as it is.
///
/// # Errors
/// [`ElfError`] if the program is no little-endian 64-bit ELF file with a table of sections.
pub(crate) fn add_section(program: &[u8], name: &str, data: &[u8]) -> Result<Vec<u8>, ElfError> {
    let damaged = || ElfError::Damaged("it has no usable table of sections".to_owned());
    let file = ElfFile64::<Endianness>::parse(program).map_err(|_| ElfError::NotElf)?;
    if file.section_by_name(name).is_some() {
        return Ok(program.to_vec());
    }
    if !file.is_little_endian() {
        return Err(damaged());
    }
    let read = |offset: usize, length: usize| program.get(offset..offset.checked_add(length)?);
    let number = |offset, length| {
        let bytes = read(offset, length).ok_or_else(damaged)?;
        let value = bytes.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte));
        usize::try_from(value).map_err(|_| damaged())
    };
    let (n_sections, names_index) = (number(E_SHNUM, 2)?, number(E_SHSTRNDX, 2)?);
    let mut table =
        read(number(E_SHOFF, 8)?, n_sections * SECTION_HEADER_BYTES).ok_or_else(damaged)?.to_vec();
    // Programs with 65,280 sections or more have these numbers elsewhere; ours have some thirty.
    if names_index >= n_sections || n_sections + 1 >= 0xff00 {
        return Err(damaged());
    }

    let names_header = names_index * SECTION_HEADER_BYTES;
    let field = |table: &[u8], place: usize| {
        let bytes = table[names_header + place..][..8].try_into().unwrap_or_default();
        usize::try_from(u64::from_le_bytes(bytes)).map_err(|_| damaged())
    };
    let names = read(field(&table, SH_OFFSET)?, field(&table, SH_SIZE)?).ok_or_else(damaged)?;
    let mut longer_names = names.to_vec();
    longer_names.extend_from_slice(name.as_bytes());
    longer_names.push(0);

    let mut output = program.to_vec();
    let mut append = |bytes: &[u8]| {
        output.resize(output.len().next_multiple_of(8), 0);
        let offset = output.len() as u64;
        output.extend_from_slice(bytes);
        offset
    };
    let data_offset = append(data);
    let names_offset = append(&longer_names);
    let mut set = |place: usize, value: u64| table[place..][..8].copy_from_slice(&value.to_le_bytes());
    set(names_header + SH_OFFSET, names_offset);
    set(names_header + SH_SIZE, longer_names.len() as u64);
    let name_offset = u32::try_from(names.len()).map_err(|_| damaged())?;
    let (flags, address, link_and_info, alignment, entry_size) = (0u64, 0u64, 0u64, 1u64, 0u64);
    table.extend_from_slice(&name_offset.to_le_bytes());
    table.extend_from_slice(&SHT_PROGBITS.0.to_le_bytes());
    for value in [flags, address, data_offset, data.len() as u64, link_and_info, alignment, entry_size] {
        table.extend_from_slice(&value.to_le_bytes());
    }
    let table_offset = append(&table);
    output[E_SHOFF..][..8].copy_from_slice(&table_offset.to_le_bytes());
    output[E_SHNUM..][..2].copy_from_slice(&(n_sections as u16 + 1).to_le_bytes());
    Ok(output)
}

#[cfg(test)]
mod tests {
    use std::{fs, process::Command};

    use object::ObjectSection as _;

    use super::*;

    #[test]
    fn the_section_is_found_and_everything_else_stays() {
        let program = fs::read(std::env::current_exe().unwrap()).unwrap();
        let with_section = add_section(&program, ".dep-v0", b"data of any length").unwrap();
        let (before, after) = (
            ElfFile64::<Endianness>::parse(&*program).unwrap(),
            ElfFile64::<Endianness>::parse(&*with_section).unwrap(),
        );
        assert_eq!(after.section_by_name(".dep-v0").unwrap().data().unwrap(), b"data of any length");
        for section in before.sections().filter(|section| section.name() != Ok(".shstrtab")) {
            let name = section.name().unwrap();
            assert_eq!(after.section_by_index(section.index()).unwrap().name(), Ok(name));
            assert_eq!(
                after.section_by_index(section.index()).unwrap().data().unwrap(),
                section.data().unwrap(),
                "{name}"
            );
        }
        // All but the pointer to the table is where it was.
        assert_eq!(with_section[64..program.len()], program[64..]);
        assert_eq!(add_section(&with_section, ".dep-v0", b"other").unwrap(), with_section, "once is enough");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_program_still_runs() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("program");
        let program = fs::read("/bin/true").unwrap();
        fs::write(&path, add_section(&program, ".dep-v0", b"data").unwrap()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(Command::new(&path).status().unwrap().success());
    }

    #[test]
    fn what_is_cut_off_is_an_error_and_never_a_panic() {
        let program = fs::read(std::env::current_exe().unwrap()).unwrap();
        for length in (0..program.len()).step_by(program.len() / 200) {
            let _ = add_section(&program[..length], ".dep-v0", b"data");
        }
        assert_eq!(add_section(b"#!/bin/sh", ".dep-v0", b""), Err(ElfError::NotElf));
    }
}
