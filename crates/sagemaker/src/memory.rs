//! The available memory of this process.
//!
//! On Linux: the available memory of the kernel or of a control group (version 2 or 1) of the process, whichever is least.
//! Memory of inactive files counts as available, because the kernel reclaims it on demand. Unknown on other systems.
//!
//! The `sysinfo` crate reads only one control group, and neither its parents nor inactive files.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Returns the memory that this process can still allocate, in bytes; `None` if it is unknown.
pub(crate) fn available_bytes() -> Option<u64> {
    if cfg!(target_os = "linux") { available_under(Path::new("/")) } else { None }
}

/// Does the same for a system whose files are in `root`.
fn available_under(root: &Path) -> Option<u64> {
    let kernel = || {
        let text = fs::read_to_string(root.join("proc/meminfo")).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
        line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
    };
    kernel().into_iter().chain(left_in_groups(root)).min()
}

/// Returns the available memory of each control group of the process.
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
        // In a container the path may be that of the host, which does not exist: the limits are at the mount itself.
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

/// The files of a version of control groups.
struct GroupFiles {
    mount: &'static str,
    limit: &'static str,
    used: &'static str,
    /// The line of `memory.stat` with the memory of inactive files.
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
    /// Returns the available memory of a group; `None` without a limit ("max" in version 2).
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

    /// Checks the available memory of a system with these files.
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
    fn least_of_kernel_and_groups_is_available() {
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
    fn available_memory_is_known_on_linux() {
        assert_eq!(available_bytes().is_some(), cfg!(target_os = "linux"));
    }
}
