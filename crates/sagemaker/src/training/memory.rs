//! How much memory there is, asked before any is taken.
//!
//! On Linux: what the kernel says is available, or what is left of the limit of the control group or of one above it
//! (version 2 or 1), whichever is less; memory that only holds files is left, because it is given back on demand.
//! On other systems nothing is known and nothing is refused.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Why a sample is not taken in: there is no room for its model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "Training would run out of memory: a model of {n_rows} rows or more (sample_size is {sample_size}, feature_dim is \
     {feature_dim}) needs at least {needed_bytes} bytes, and {available_bytes} are available. Choose a larger instance type, \
     use dimension reduction, decrease sample_size, and/or decrease mini_batch_size."
)]
pub struct OutOfMemory {
    /// Rows that the sample would have at least; fewer than `sample_size` if the data may have no more.
    pub n_rows: usize,
    /// The hyperparameter.
    pub sample_size: usize,
    /// Features of a row.
    pub feature_dim: usize,
    /// What these rows and their model need.
    pub needed_bytes: u64,
    /// What there was when the job began.
    pub available_bytes: u64,
}

/// What may be taken.
pub(super) struct Budget<'a> {
    /// None if there is no limit that is known.
    pub(super) available_bytes: Option<u64>,
    pub(super) sample_size: usize,
    /// What so many rows of so many features need, all in all.
    pub(super) needed_bytes: &'a dyn Fn(usize, usize) -> u64,
}

impl Budget<'_> {
    /// For how many rows, from `at_least` up to `wanted`, there is room.
    pub(super) fn rows(
        &self,
        feature_dim: usize,
        at_least: usize,
        wanted: usize,
    ) -> Result<usize, OutOfMemory> {
        let Some(available_bytes) = self.available_bytes else { return Ok(wanted.max(at_least)) };
        let fits = |n_rows| (self.needed_bytes)(n_rows, feature_dim) <= available_bytes;
        if !fits(at_least) {
            return Err(self.refusal(feature_dim, at_least, available_bytes));
        }
        let (mut low, mut high) = (at_least, wanted.max(at_least));
        while low < high {
            let middle = high - (high - low) / 2;
            if fits(middle) { low = middle } else { high = middle - 1 }
        }
        Ok(low)
    }

    pub(super) fn refusal(&self, feature_dim: usize, n_rows: usize, available_bytes: u64) -> OutOfMemory {
        OutOfMemory {
            n_rows,
            sample_size: self.sample_size,
            feature_dim,
            needed_bytes: (self.needed_bytes)(n_rows, feature_dim),
            available_bytes,
        }
    }
}

/// How many bytes this process may still take; none if the system does not say.
pub(crate) fn available_bytes() -> Option<u64> {
    if cfg!(target_os = "linux") { available_under(Path::new("/")) } else { None }
}

/// The same, of a system whose files are in `root`.
fn available_under(root: &Path) -> Option<u64> {
    let kernel = || {
        let text = fs::read_to_string(root.join("proc/meminfo")).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
        line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
    };
    kernel().into_iter().chain(left_in_groups(root)).min()
}

/// What is left of the limits of this process's control groups.
fn left_in_groups(root: &Path) -> Vec<u64> {
    let Ok(groups) = fs::read_to_string(root.join("proc/self/cgroup")) else { return Vec::new() };
    let mut left = Vec::new();
    for line in groups.lines() {
        // number:controllers:path; version 2 has the number 0 and names no controllers.
        let mut parts = line.splitn(3, ':');
        let (Some(number), Some(controllers), Some(path)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let files = if number == "0" && controllers.is_empty() {
            &VERSION_2
        } else if controllers.split(',').any(|controller| controller == "memory") {
            &VERSION_1
        } else {
            continue;
        };
        // In a container the path may be that of the host, which is not there: the limits are at the mount itself.
        let mount = root.join(files.mount);
        let mut folder = mount.join(path.trim_start_matches('/'));
        loop {
            left.extend(files.left(&folder));
            if folder == mount || !folder.pop() {
                break;
            }
        }
    }
    left
}

/// Where a version of control groups writes what.
struct GroupFiles {
    mount: &'static str,
    limit: &'static str,
    used: &'static str,
    /// The line of `memory.stat` with the files' memory that has not been used for a while.
    inactive_files: &'static str,
}

const VERSION_2: GroupFiles = GroupFiles {
    mount: "sys/fs/cgroup",
    limit: "memory.max",
    used: "memory.current",
    inactive_files: "inactive_file ",
};
const VERSION_1: GroupFiles = GroupFiles {
    mount: "sys/fs/cgroup/memory",
    limit: "memory.limit_in_bytes",
    used: "memory.usage_in_bytes",
    inactive_files: "total_inactive_file ",
};

impl GroupFiles {
    /// What is left of a group's limit; none without one. "max", version 2's word for none, is no number.
    fn left(&self, folder: &Path) -> Option<u64> {
        let number = |file: &str| {
            let path: PathBuf = folder.join(file);
            fs::read_to_string(path).ok()?.trim().parse::<u64>().ok()
        };
        let limit = number(self.limit)?;
        let used = number(self.used)?;
        let files = fs::read_to_string(folder.join("memory.stat")).ok().and_then(|text| {
            text.lines().find_map(|line| line.strip_prefix(self.inactive_files)?.trim().parse::<u64>().ok())
        });
        Some(limit.saturating_sub(used.saturating_sub(files.unwrap_or(0))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The files of a system, and what it says is available.
    fn check(name: &str, files: &[(&str, &str)], expected: Option<u64>) {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        assert_eq!(available_under(root.path()), expected, "{name}");
    }

    const MEMINFO: (&str, &str) =
        ("proc/meminfo", "MemTotal:       8000 kB\nMemFree: 10 kB\nMemAvailable:   4000 kB\n");

    #[test]
    fn the_least_of_kernel_and_groups_counts() {
        check("nothing", &[], None);
        check("kernel", &[MEMINFO], Some(4_096_000));
        check(
            "garbage",
            &[("proc/meminfo", "MemAvailable: much\n"), ("proc/self/cgroup", "x\n0\n\n::\n")],
            None,
        );
        let group = [
            MEMINFO,
            ("proc/self/cgroup", "0::/user/job\n"),
            ("sys/fs/cgroup/user/job/memory.max", "max\n"),
            ("sys/fs/cgroup/user/job/memory.current", "5\n"),
            ("sys/fs/cgroup/user/memory.max", "1000000\n"),
            ("sys/fs/cgroup/user/memory.current", "600000\n"),
            ("sys/fs/cgroup/user/memory.stat", "anon 5\ninactive_file 100000\n"),
        ];
        check("a group above, version 2", &group, Some(500_000));
        let container = [
            MEMINFO,
            ("proc/self/cgroup", "5:cpu:/x\n4:memory:/docker/abc\n0::/docker/abc\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "2000\n"),
            ("sys/fs/cgroup/memory/memory.usage_in_bytes", "1500\n"),
            ("sys/fs/cgroup/memory/memory.stat", "inactive_file 1\ntotal_inactive_file 100\n"),
        ];
        check("the mount itself, version 1", &container, Some(600));
        let spent = [
            ("proc/self/cgroup", "0::/\n"),
            ("sys/fs/cgroup/memory.max", "1000\n"),
            ("sys/fs/cgroup/memory.current", "1200\n"),
        ];
        check("more used than allowed", &spent, Some(0));
    }

    #[test]
    fn as_many_rows_as_fit_are_allowed() {
        let needed_bytes = |n_rows: usize, dim: usize| (n_rows * dim) as u64 + 100;
        let budget =
            |available_bytes| Budget { available_bytes, sample_size: 50, needed_bytes: &needed_bytes };
        assert_eq!(budget(None).rows(4, 1, 50), Ok(50));
        assert_eq!(budget(Some(300)).rows(4, 1, 50), Ok(50));
        assert_eq!(budget(Some(299)).rows(4, 1, 50), Ok(49));
        assert_eq!(budget(Some(104)).rows(4, 1, 50), Ok(1));
        let refusal = budget(Some(103)).rows(4, 1, 50).unwrap_err();
        assert_eq!((refusal.needed_bytes, refusal.available_bytes, refusal.n_rows), (104, 103, 1));
    }

    #[test]
    fn this_system_says_something_on_linux() {
        assert_eq!(available_bytes().is_some(), cfg!(target_os = "linux"));
    }
}
