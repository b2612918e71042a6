//! What installing and starting costs: the wheel and `local-sagemaker start`, beside moto and its server.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};

use crate::{
    Effort,
    endpoint::idle::{IdleServer, observe},
    figures::{Figures, Unit, timed},
    report::ReportSection,
};

/// Where wheel, programs and packages are.
pub(crate) struct InstallationPrograms {
    /// Ours, built static as it is in the wheel.
    pub(crate) server: PathBuf,
    /// The wheel.
    pub(crate) wheel: PathBuf,
    /// A Python interpreter with the packages of requirements-moto.txt.
    pub(crate) moto_python: PathBuf,
    /// The folder with requirements-moto.txt.
    pub(crate) scripts: PathBuf,
}

impl InstallationPrograms {
    /// Returns the command that starts moto's server.
    fn moto(&self) -> Command {
        Command::new(self.moto_python.with_file_name("moto_server"))
    }

    /// Returns how long pip takes to install packages into a new folder, without the network, in seconds.
    fn install(&self, folder: &Path, arguments: &[&str]) -> Result<f64> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        let mut pip = self.pip("install");
        pip.arg("--no-index").arg("--target").arg(folder).args(arguments);
        let (seconds, status) = timed(|| pip.status());
        ensure!(status?.success(), "pip cannot install {}", arguments.join(" "));
        Ok(seconds)
    }

    fn pip(&self, command: &str) -> Command {
        let mut pip = Command::new(&self.moto_python);
        pip.args(["-m", "pip", command, "--quiet", "--disable-pip-version-check", "--no-deps"]);
        pip
    }
}

pub(crate) fn measure(programs: &InstallationPrograms, out: &Path, effort: Effort) -> Result<ReportSection> {
    let packages = out.join("moto-packages");
    let requirements = programs.scripts.join("requirements-moto.txt");
    let mut download = programs.pip("download");
    download.args(["--only-binary=:all:", "--require-hashes", "--dest"]).arg(&packages);
    let status = download.arg("--requirement").arg(&requirements).status()?;
    ensure!(status.success(), "pip cannot download moto");
    let text =
        |path: &Path| Ok::<_, anyhow::Error>(path.to_str().context("a path is not Unicode")?.to_owned());
    let (wheel, packages, requirements) = (text(&programs.wheel)?, text(&packages)?, text(&requirements)?);

    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let (mut our_installs, mut their_installs) = (Vec::new(), Vec::new());
    for _ in 0..effort.repetitions {
        let mut start = Command::new(&programs.server);
        start.arg("start");
        ours.push(observe(IdleServer {
            command: start,
            health: "/_local/health",
            log: out.join("start.log"),
        })?);
        let moto = IdleServer { command: programs.moto(), health: "/moto-api/", log: out.join("moto.log") };
        theirs.push(observe(moto)?);
        our_installs.push(programs.install(&out.join("installed"), &[&wheel])?);
        let moto = ["--find-links", &packages, "--requirement", &requirements];
        their_installs.push(programs.install(&out.join("moto-installed"), &moto)?);
    }
    let mut section = ReportSection::new(
        "Installing and starting",
        "`local-sagemaker start` and `moto_server`, without requests: from before the process is started to the first 200 of \
         its health page, requested every millisecond, files in the page cache; half a second later the resident memory \
         (`VmRSS`). Then `pip install` of the wheel, and of moto with its server's packages, from files on this disk into a new \
         folder, pip's own start included; a download comes on top.",
    );
    let figures =
        |of: &dyn Fn(&(f64, f64)) -> f64, from: &[(f64, f64)]| Figures::new(from.iter().map(of).collect());
    for (who, servers, installs) in
        [("local-sagemaker", &ours, &our_installs), ("moto", &theirs, &their_installs)]
    {
        section.row(format!("{who}, start to ready"), Unit::Seconds, &figures(&|found| found.0, servers));
        section.row(format!("{who}, resident memory"), Unit::Bytes, &figures(&|found| found.1, servers));
        section.row(format!("{who}, pip install"), Unit::Seconds, &Figures::new(installs.clone()));
    }
    section.below("start to ready", Unit::Seconds, &figures(&|found| found.0, &ours), 0.02);
    section.below("resident memory", Unit::Bytes, &figures(&|found| found.1, &ours), 25e6);
    section.below("pip install", Unit::Seconds, &Figures::new(our_installs), 3.0);
    Ok(section)
}
