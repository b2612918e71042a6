//! The templates as files.

use std::{fs, io, path::Path};

use crate::{
    Stack,
    differences::{differences, listed},
};

/// Writes the templates into a folder, which is made if it is not there. A file that is as it should be is not touched.
///
/// # Errors
/// If a file cannot be read or written.
pub fn synth(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for stack in Stack::ALL {
        let path = folder.join(stack.file_name());
        let yaml = stack.yaml();
        match fs::read(&path) {
            Ok(found) if found == yaml.as_bytes() => {}
            Ok(_) => fs::write(path, yaml)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => fs::write(path, yaml)?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Checks that the templates in a folder are those that [`synth`] would write.
///
/// # Errors
/// [`Stale`] with the first that is not.
pub fn check(folder: &Path) -> Result<(), Stale> {
    for stack in Stack::ALL {
        let path = folder.join(stack.file_name());
        let name = path.display().to_string();
        let found =
            fs::read_to_string(&path).map_err(|cause| Stale::Unreadable { name: name.clone(), cause })?;
        let expected = stack.yaml();
        if found != expected {
            // The first line that differs; if none does, one of the two is longer.
            let same = found.lines().zip(expected.lines()).take_while(|(found, expected)| found == expected);
            let line = same.count() + 1;
            let document = serde_yaml::from_str(&found).unwrap_or_default();
            let differences = differences(&document, stack.template().document());
            return Err(Stale::Differs { name, line, differences });
        }
    }
    Ok(())
}

/// A template that is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum Stale {
    /// The file cannot be read.
    #[error("{name} cannot be read; `cargo xtask synth` writes it")]
    Unreadable {
        /// The file.
        name: String,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The file is not what its source says.
    #[error(
        "{name} differs from its source in line {line}; run `cargo xtask synth` and commit what it writes{}",
        listed(differences)
    )]
    Differs {
        /// The file.
        name: String,
        /// The first line that differs, counted from 1.
        line: usize,
        /// The values that differ, with their places.
        differences: Vec<String>,
    },
}
