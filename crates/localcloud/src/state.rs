//! The state folder of a local cloud.
//!
//! `env.json` holds the environment variables for its clients, `pid` the process id; both exist only while the cloud is
//! ready. The folder also has MiniStack's log and its Python files.

use std::{
    collections::BTreeMap,
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use mysfits_sagemaker::http::REGION;

use local_sagemaker::aws::signature::Credentials;

const ENV: &str = "env.json";
const PID: &str = "pid";

/// The URLs of a local cloud, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudAddresses {
    /// The proxy to the site.
    pub site: String,
    /// The proxy to the APIs.
    pub api: String,
    /// The services of this crate, including SageMaker's runtime.
    pub services: String,
    /// MiniStack.
    pub emulator: String,
}

impl CloudAddresses {
    /// Returns the environment variables of a program that uses this cloud instead of AWS.
    #[must_use]
    pub fn environment<'a>(&'a self, credentials: &'a Credentials) -> BTreeMap<&'static str, &'a str> {
        BTreeMap::from([
            ("AWS_ENDPOINT_URL", self.emulator.as_str()),
            ("AWS_ENDPOINT_URL_SAGEMAKER", &self.services),
            ("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", &self.services),
            ("AWS_ENDPOINT_URL_CODECOMMIT", &self.services),
            ("AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING", &self.services),
            ("AWS_REGION", REGION),
            ("AWS_DEFAULT_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", credentials.id()),
            ("AWS_SECRET_ACCESS_KEY", credentials.secret()),
            // Otherwise SDKs on an EC2 instance use its credentials.
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("MYSFITS_SITE_EDGE", &self.site),
            ("MYSFITS_API_EDGE", &self.api),
            ("MYSFITS_IMAGE_REGISTRY", &self.emulator),
        ])
    }
}

/// The folder of a local cloud.
#[derive(Debug, Clone)]
pub struct StateFolder(PathBuf);

/// Why the state folder is unusable.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// No cloud is running there.
    #[error("no local cloud is running in {}: start one with `mysfits-localcloud up --state {}`", .0.display(), .0.display())]
    Absent(PathBuf),
    /// Another cloud is running there.
    #[error("a local cloud is running in {} as process {pid}: end it with `mysfits-localcloud down --state {}`",
        folder.display(), folder.display())]
    Running {
        /// Where.
        folder: PathBuf,
        /// As which process.
        pid: u32,
    },
    /// A file cannot be read or written.
    #[error("{} cannot be used", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file is invalid.
    #[error("{} is damaged: {reason}; remove it if no local cloud is running", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

impl StateFolder {
    /// This folder.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Makes the folder, which only its owner may enter, and makes sure that no cloud is running in it. What one that was killed has left is removed.
    pub(crate) fn claim(&self) -> Result<(), StateError> {
        create_private_dir(&self.0).map_err(file_error(&self.0))?;
        match self.pid() {
            Ok(pid) if is_running(pid) => return Err(StateError::Running { folder: self.0.clone(), pid }),
            Ok(_) | Err(StateError::Absent(_) | StateError::Damaged { .. }) => {}
            Err(error) => return Err(error),
        }
        self.release()?;
        self.write(PID, &std::process::id().to_string())
    }

    /// Writes the variables of the running cloud.
    pub(crate) fn publish(
        &self,
        addresses: &CloudAddresses,
        credentials: &Credentials,
    ) -> Result<(), StateError> {
        let json = serde_json::to_string_pretty(&addresses.environment(credentials)).unwrap_or_default();
        self.write(ENV, &(json + "\n"))
    }

    /// Removes the files of the running cloud.
    pub(crate) fn release(&self) -> Result<(), StateError> {
        for name in [ENV, PID] {
            let path = self.0.join(name);
            match fs::remove_file(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                result => result.map_err(file_error(&path))?,
            }
        }
        Ok(())
    }

    /// The variables of the cloud that is running here.
    ///
    /// # Errors
    /// [`StateError::Absent`] if none is; [`StateError`].
    pub fn environment(&self) -> Result<BTreeMap<String, String>, StateError> {
        let text = self.read(ENV)?;
        serde_json::from_str(&text)
            .map_err(|error| StateError::Damaged { path: self.0.join(ENV), reason: error.to_string() })
    }

    /// The process of the cloud that is running here, or was.
    ///
    /// # Errors
    /// As for [`environment`](Self::environment).
    pub(crate) fn pid(&self) -> Result<u32, StateError> {
        let text = self.read(PID)?;
        let pid: Result<u32, _> = text.trim().parse();
        pid.map_err(|error| StateError::Damaged { path: self.0.join(PID), reason: error.to_string() })
    }

    fn read(&self, name: &str) -> Result<String, StateError> {
        let path = self.0.join(name);
        match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(StateError::Absent(self.0.clone())),
            result => result.map_err(file_error(&path)),
        }
    }

    /// Readers never see a partial file.
    fn write(&self, name: &str, text: &str) -> Result<(), StateError> {
        let (path, partial) = (self.0.join(name), self.0.join(format!("{name}.partial")));
        let write = || {
            create_private(&partial)?.write_all(text.as_bytes())?;
            fs::rename(&partial, &path)
        };
        write().map_err(file_error(&path))
    }
}

fn file_error(path: &Path) -> impl FnOnce(io::Error) -> StateError {
    move |source| StateError::File { path: path.to_owned(), source }
}

/// Creates or empties a file that only its owner may read.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    // The mode applies to new files only.
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}

/// Creates a folder, with its parents, that only its owner may enter.
pub(crate) fn create_private_dir(path: &Path) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {
            fs::set_permissions(path, Permissions::from_mode(0o700))
        }
        result => result,
    }
}

/// Whether there is a local cloud with this process id: another program may have got it since.
#[must_use]
pub(crate) fn is_running(pid: u32) -> bool {
    fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| {
        let program = line.split(|&b| b == 0).next().unwrap_or_default();
        String::from_utf8_lossy(program).contains("localcloud")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses() -> CloudAddresses {
        let [site, api, services, emulator] = [1, 2, 3, 4].map(|port| format!("http://127.0.0.1:{port}"));
        CloudAddresses { site, api, services, emulator }
    }

    #[test]
    fn what_is_published_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateFolder::new(folder.path().join("cloud"));
        assert!(matches!(state.environment(), Err(StateError::Absent(_))));
        state.claim().unwrap();
        assert_eq!(state.pid().unwrap(), std::process::id());
        let credentials = Credentials::random();
        state.publish(&addresses(), &credentials).unwrap();
        let environment = state.environment().unwrap();
        assert_eq!(environment["AWS_ACCESS_KEY_ID"], credentials.id());
        assert_eq!(environment["AWS_SECRET_ACCESS_KEY"], credentials.secret());
        assert_eq!(environment["AWS_ENDPOINT_URL"], "http://127.0.0.1:4");
        assert_eq!(environment["MYSFITS_SITE_EDGE"], "http://127.0.0.1:1");
        state.release().unwrap();
        assert!(matches!(state.environment(), Err(StateError::Absent(_))));
    }

    #[test]
    fn only_the_owner_reads_folder_and_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cloud");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        fs::write(path.join("log"), "old").unwrap();
        let state = StateFolder::new(&path);
        state.claim().unwrap();
        state.publish(&addresses(), &Credentials::random()).unwrap();
        create_private(&path.join("log")).unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        for name in [ENV, PID, "log"] {
            assert_eq!(mode(&path.join(name)), 0o600, "{name}");
        }
    }

    #[test]
    fn a_folder_whose_cloud_was_killed_is_claimed_again() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateFolder::new(folder.path());
        // No process has this number, for the system gives none so high.
        state.write(PID, &u32::MAX.to_string()).unwrap();
        state.claim().unwrap();
        // An invalid file is replaced.
        state.write(PID, "?").unwrap();
        assert!(matches!(state.pid(), Err(StateError::Damaged { .. })));
        state.claim().unwrap();
    }

    #[test]
    fn a_folder_is_not_claimed_twice() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateFolder::new(folder.path());
        state.claim().unwrap();
        // This test's own process bears the crate's name.
        assert!(matches!(state.claim(), Err(StateError::Running { pid, .. }) if pid == std::process::id()));
    }
}
