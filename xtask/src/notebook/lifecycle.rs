//! The scripts of the notebook instance: read by ShellCheck, and run in a clean Debian.
//!
//! An instance runs Amazon Linux in AWS. What only that has is put elsewhere: packages come from Debian, Rust from this
//! machine's toolchain, the project from this folder's last commit. Everything else is done as it is done there: by root in
//! the background, then by another account, from an empty home folder to a kernel that Jupyter finds.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use mysfits_output::outln;

use super::{NAME, compared, folder};
use crate::{
    checkout, platform,
    process::{output, program, run, step},
    tools::{python::PythonEnvironment, system},
    workspace,
};

/// Where the scripts lie.
const SCRIPTS: &str = "infra/src/notebook";
/// The Debian of the clean root.
const SUITE: &str = "bookworm";
/// How the root installs packages.
const INSTALL: &str = "apt-get --quiet=2 install --yes --no-install-recommends";
/// What outlives a stop of the instance, in the root.
const VOLUME: &str = "home/ec2-user/SageMaker";
/// The longest that the installation may take in the background.
const LONGEST: Duration = Duration::from_hours(1);
/// The longest that SageMaker gives the start script.
const START_LIMIT: Duration = Duration::from_mins(5);

/// Checks the scripts, then runs them.
pub(super) fn run_all() -> Result<()> {
    platform::require_linux("a clean Debian")?;
    let python = step("ShellCheck (Python)", || PythonEnvironment::Notebook.ensure())?;
    step("ShellCheck: the notebook instance's scripts", || shellcheck(&python))?;
    let root = step("a clean Debian", clean_root)?;
    let result = step("what a notebook instance does at its start", || start(&root))
        .and_then(|()| step("the installation in the background", || installed(&root)))
        .and_then(|()| {
            step("another start finds everything there", || start(&root).and_then(|()| installed(&root)))
        })
        .and_then(|()| step("Jupyter finds the kernel, and the notebook runs", || learn(&root)));
    let unmounted = unmount(&root);
    result.and(unmounted)
}

/// Runs ShellCheck on every script of the notebook instance. It must first report a script with a known
/// fault.
pub(super) fn shellcheck(python: &Path) -> Result<()> {
    let Some(shellcheck) = python.parent().map(|bin| bin.join("shellcheck")).filter(|path| path.exists())
    else {
        // PyPI has it for x86_64 only.
        outln!("  skipped: there is no ShellCheck for this machine's processor")?;
        return Ok(());
    };
    let wrong = folder().join("wrong.sh");
    fs::create_dir_all(folder())?;
    fs::write(&wrong, "#!/bin/bash\nrm -rf $1/*\n")?;
    let noticed = output(program(&shellcheck).arg(&wrong)).is_none();
    ensure!(noticed, "ShellCheck does not notice what is wrong in {}", wrong.display());
    let mut scripts: Vec<PathBuf> = fs::read_dir(workspace::root().join(SCRIPTS))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "sh"))
        .collect();
    scripts.sort();
    ensure!(scripts.len() == 3, "there are {} scripts in {SCRIPTS}; this knows of three", scripts.len());
    // The start script has no first line of its own, and lines before it that set six variables.
    run(program(&shellcheck).args(["--shell=bash", "--exclude=SC2154,SC2153"]).args(scripts))
}

/// Creates a minimal Debian and the fake of the cloud; removes what an earlier run left.
fn clean_root() -> Result<PathBuf> {
    ensure!(system::can_install(), "a clean root needs root, and Debian's debootstrap");
    let commit = checkout::git(&["rev-parse", "HEAD"]).context("a clean root clones the last commit")?;
    if system::find("debootstrap").is_none() && !Path::new("/usr/sbin/debootstrap").exists() {
        system::install(&system::DEBOOTSTRAP)?;
    }
    let root = folder().join("clean-root");
    if root.exists() {
        unmount(&root)?;
        fs::remove_dir_all(&root).with_context(|| format!("cannot remove {}", root.display()))?;
    }
    let mut debootstrap = program("debootstrap");
    debootstrap
        .args(["--variant=minbase", "--include=systemd,ca-certificates,curl,python3", SUITE])
        .arg(&root);
    run(debootstrap.stdout(Stdio::null()))?;
    // Names and certificates are this machine's: what reaches the registries here reaches them there.
    for file in ["etc/resolv.conf", "etc/hosts", "etc/ssl/certs/ca-certificates.crt"] {
        fs::copy(Path::new("/").join(file), root.join(file))
            .with_context(|| format!("cannot copy /{file}"))?;
    }
    mount(&["--types", "proc", "proc"], &root.join("proc"))?;
    mount(&["--rbind", "/dev"], &root.join("dev"))?;
    run(program("mount").arg("--make-rslave").arg(root.join("dev")))?;
    run(inside(&root).args(["useradd", "--create-home", "ec2-user"]))?;
    run(inside(&root).args(["install", "-d", "-o", "ec2-user", &format!("/{VOLUME}")]))?;
    let toolchain = output(program("rustc").args(["--print", "sysroot"])).context("rustc has no sysroot")?;
    mount(&["--bind", "--options", "ro", &toolchain], &root.join("opt/rust"))?;
    let repository = root.join("srv/mysfits.git");
    let mut clone = program("git");
    clone.args(["clone", "--quiet", "--bare", "--no-local", "--depth", "1"]);
    run(clone.arg(format!("file://{}", workspace::root().display())).arg(&repository))?;
    // Git refuses a repository that another user owns.
    run(inside(&root).args(["chown", "--recursive", "ec2-user:", "/srv/mysfits.git"]))?;
    fs::write(root.join("start.sh"), script(&commit))?;
    platform::make_executable(&root.join("start.sh"))?;
    Ok(root)
}

/// Returns the start script with CloudFormation's values filled in.
fn script(commit: &str) -> String {
    mysfits_infra::notebook::start_script(&[
        ("NotebookIdleMinutes", "60"),
        ("Stage", "dev"),
        ("NotebookRepository", "file:///srv/mysfits.git"),
        ("NotebookCommit", commit),
        ("DataBucketName", "data"),
        ("TrainingRoleArn", "arn:aws:iam::123456789012:role/training"),
        ("ModelRoleArn", "arn:aws:iam::123456789012:role/model"),
        ("AWS::Region", "us-east-1"),
        ("AWS::URLSuffix", "amazonaws.com"),
    ])
}

fn mount(options: &[&str], on: &Path) -> Result<()> {
    fs::create_dir_all(on)?;
    run(program("mount").args(options).arg(on))
}

fn unmount(root: &Path) -> Result<()> {
    let mounted = fs::read_to_string("/proc/self/mounts")?;
    let prefix = format!("{}/", root.canonicalize()?.display());
    let mut points: Vec<_> = mounted
        .lines()
        .filter_map(|line| line.split(' ').nth(1))
        .filter(|point| point.starts_with(&prefix))
        .collect();
    // The innermost first.
    points.sort_by_key(|point| std::cmp::Reverse(point.len()));
    for point in points {
        // A program that still runs there must not keep it: it goes when the last one ends.
        run(program("umount").arg("--lazy").arg(point))?;
    }
    Ok(())
}

/// Returns a command inside the root, with a clean environment.
fn inside(root: &Path) -> Command {
    let mut chroot = program("chroot");
    chroot.arg(root).args(["env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]);
    chroot.arg("DEBIAN_FRONTEND=noninteractive");
    chroot
}

/// Runs the start script as SageMaker would, and holds it to its time.
fn start(root: &Path) -> Result<()> {
    let begun = Instant::now();
    let mut start = inside(root);
    // No init runs in the root: systemctl finds the units and starts none. Whether they could be started is asked below.
    start.arg("SYSTEMD_OFFLINE=1");
    start.arg(format!("MYSFITS_PACKAGES={INSTALL} gcc libc6-dev git"));
    // In place of rustup: a folder with the toolchain's programs, where rustup would put them.
    start.arg(
        "MYSFITS_RUST=mkdir -p $CARGO_HOME/bin; for program in /opt/rust/bin/*; do ln -s $program $CARGO_HOME/bin; done",
    );
    run(start.arg("/start.sh"))?;
    ensure!(begun.elapsed() < START_LIMIT, "the start took {} s", begun.elapsed().as_secs());
    // Jupyter is idle during the installation, but the instance must not be stopped.
    let said = output(inside(root).args(["mysfits-stop-when-idle", "60"])).unwrap_or_default();
    ensure!(said == "installing", "while the installation runs, the idle check says {said:?}");
    let units = ["service", "timer"].map(|kind| format!("/etc/systemd/system/mysfits-stop-when-idle.{kind}"));
    let verified = inside(root).args(["systemd-analyze", "verify"]).args(units).output()?;
    // It ends well also where it has something to say.
    let said = String::from_utf8_lossy(&verified.stderr);
    ensure!(verified.status.success() && said.is_empty(), "systemd would not have the units: {said}");
    Ok(())
}

/// Runs the notebook as its user does: with the account's own Jupyter, from its list of kernels.
fn learn(root: &Path) -> Result<()> {
    let mut jupyter = inside(root);
    jupyter.args(INSTALL.split(' ')).arg("jupyter-nbconvert");
    run(jupyter.stdout(Stdio::null()))?;
    let mut execute = inside(root);
    execute.args(["runuser", "--user", "ec2-user", "--", "env", "HOME=/home/ec2-user", "LANG=C.UTF-8"]);
    execute.args(["jupyter", "nbconvert", "--to", "notebook", "--execute", "--log-level", "WARN"]);
    execute.args(["--ExecutePreprocessor.timeout=1200", "--output-dir", "/home/ec2-user/executed"]);
    execute.arg(format!("/{VOLUME}/mysfits/notebook/{NAME}.ipynb"));
    run(&mut execute)?;
    let name = |folder: &str| root.join(folder).join(NAME).with_extension("ipynb");
    compared(&name(&format!("{VOLUME}/mysfits/notebook")), &name("home/ec2-user/executed"))?;
    outln!("  every output is the committed one; {} MB on the volume", volume_mb(root)?)?;
    Ok(())
}

/// Waits for the installation and looks at what it leaves.
fn installed(root: &Path) -> Result<()> {
    let log = root.join(VOLUME).join("mysfits-install.log");
    let begun = Instant::now();
    loop {
        let text = fs::read_to_string(&log).unwrap_or_default();
        if text.contains("\nReady: ") {
            break;
        }
        let is_stuck = begun.elapsed() > LONGEST;
        if is_stuck || text.contains("The installation failed") {
            bail!(
                "the installation {}:\n{text}",
                if is_stuck { "is not done after an hour" } else { "failed" }
            );
        }
        std::thread::sleep(Duration::from_secs(1));
    }
    let home = "home/ec2-user/.local/share/jupyter/kernels/rust/kernel.json";
    let spec = fs::read_to_string(root.join(home)).with_context(|| format!("there is no {home}"))?;
    let spec: serde_json::Value = serde_json::from_str(&spec)?;
    let at = |path: &serde_json::Value| path.as_str().map(|path| root.join(path.trim_start_matches('/')));
    for path in [&spec["argv"][0], &spec["env"]["MYSFITS_NOTEBOOK_CLOUD"]] {
        ensure!(at(path).is_some_and(|path| path.exists()), "the kernel's {path} is not there");
    }
    ensure!(spec["env"]["MYSFITS_DATA_BUCKET"] == "data", "the kernel does not know the data bucket");
    // A fresh log for the next start.
    fs::remove_file(&log)?;
    outln!("  {} MB on the volume, {:.0} s", volume_mb(root)?, begun.elapsed().as_secs_f64())?;
    Ok(())
}

/// Returns what lies on the volume that outlives a stop.
fn volume_mb(root: &Path) -> Result<u64> {
    let size = output(program("du").args(["-sm"]).arg(root.join(VOLUME)));
    let size = size.context("du")?;
    Ok(size.split_whitespace().next().unwrap_or_default().parse()?)
}
