//! The identity of a process on a machine, to tell whether it has ended. Only on Linux.

use std::fs;

use serde::{Deserialize, Serialize};

/// A process, in its boot of the machine and its namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ProcessId {
    /// The machine's boot, and the namespace of process ids.
    world: String,
    pid: u32,
    /// When the process started, in clock ticks since the boot: ids are used again.
    started: String,
}

impl ProcessId {
    /// Returns this process; `None` where the system does not tell.
    pub(crate) fn current() -> Option<Self> {
        let pid = std::process::id();
        Some(Self { world: world()?, pid, started: started(pid)? })
    }

    /// Returns whether the process ran on this machine and has ended. A process of another machine has not, as far as this
    /// one can tell.
    pub(crate) fn has_ended(&self) -> bool {
        world().as_ref() == Some(&self.world) && started(self.pid).as_ref() != Some(&self.started)
    }
}

#[cfg(test)]
impl ProcessId {
    /// Returns a process of this machine that has ended; `None` where the system does not tell.
    pub(crate) fn ended() -> Option<Self> {
        Some(Self { started: "never".to_owned(), ..Self::current()? })
    }
}

fn world() -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let namespace = fs::read_link("/proc/self/ns/pid").ok()?;
    Some(format!("{} {}", boot.trim(), namespace.display()))
}

/// Returns when a process started; `None` if it does not exist, or has ended and waits for its parent.
fn started(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The program's name, in parentheses, may hold spaces.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let is_alive = !matches!(fields.next()?, "Z" | "X");
    fields.nth(18).filter(|_| is_alive).map(str::to_owned)
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn tells_whether_a_process_of_this_machine_has_ended() {
        let current = ProcessId::current().expect("Linux tells");
        assert!(!current.has_ended());
        let ended = ProcessId::ended().expect("Linux tells");
        assert!(ended.has_ended(), "another process has its id now");
        let elsewhere = ProcessId { world: "another boot".to_owned(), ..ended };
        assert!(!elsewhere.has_ended(), "nothing is known of other machines");
    }
}
