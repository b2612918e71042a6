//! `mysfits-data`: writes the survey as CSV, or describes it as text and as a picture; writes feedback as rows of the survey.

mod picture;

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, Result};
use clap::{Args, Parser, Subcommand};
use flate2::{Compression, GzBuilder};
use mysfits_data::{
    DEFAULT_ROWS, DEFAULT_SEED, Description, Distribution, Layout, Sample, Survey, samples_from_feedback,
};
use mysfits_output::{OutputError, out, outln, report};

#[derive(Parser)]
#[command(version, about = "The synthetic survey behind the recommendations")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write the survey as CSV: five answers, then the label; no header
    Generate {
        #[command(flatten)]
        survey: SurveyArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Write the positive feedback of visitors as rows of the survey
    Feedback {
        /// The file of `mysfits-server dev --feedback`
        file: PathBuf,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Show the label distribution and what each question tells, as text and as an SVG picture
    Describe {
        #[command(flatten)]
        survey: SurveyArgs,
        /// Where to put the picture
        #[arg(long, default_value = "target/survey.svg")]
        svg: PathBuf,
    },
}

#[derive(Args)]
struct OutputArgs {
    /// Put the label first, as SageMaker's training CSV has it
    #[arg(long)]
    label_first: bool,
    /// The file to write; a name that ends in .gz is compressed, `-` is standard output
    #[arg(long, default_value = "-")]
    out: PathBuf,
}

#[derive(Args)]
struct SurveyArgs {
    /// How many rows
    #[arg(long, default_value_t = DEFAULT_ROWS)]
    rows: usize,
    /// Seed of the generator; the same seed gives the same bytes
    #[arg(long, default_value_t = DEFAULT_SEED)]
    seed: u64,
    /// Draw labels uniformly, as the workshop did: nothing can be learned from such a survey
    #[arg(long)]
    random: bool,
}

impl SurveyArgs {
    fn distribution(&self) -> Distribution {
        if self.random { Distribution::uniform() } else { Distribution::from_prototypes() }
    }
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report(error.as_ref()),
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Generate { survey, output } => {
            let distribution = survey.distribution();
            output.write(Survey::new(&distribution, survey.seed).take(survey.rows))
        }
        Command::Feedback { file, output } => {
            let lines = File::open(&file).map(BufReader::new);
            let lines = lines.with_context(|| format!("cannot open {}", file.display()))?;
            let samples: Result<Vec<_>, _> = samples_from_feedback(lines).collect();
            output.write(samples.with_context(|| format!("cannot read {}", file.display()))?.into_iter())
        }
        Command::Describe { survey, svg } => describe(&survey, &svg),
    }
}

impl OutputArgs {
    /// Writes rows of the survey as CSV.
    fn write(&self, samples: impl Iterator<Item = Sample>) -> Result<()> {
        let layout = if self.label_first { Layout::LabelFirst } else { Layout::LabelLast };
        if self.out == Path::new("-") {
            let printed = write_rows(samples, layout, io::stdout().lock()).and_then(|mut out| out.flush());
            return Ok(printed.map_err(OutputError::from)?);
        }
        write_file(samples, layout, &self.out).with_context(|| format!("cannot write {}", self.out.display()))
    }
}

fn write_file(samples: impl Iterator<Item = Sample>, layout: Layout, out: &Path) -> io::Result<()> {
    if let Some(folder) = out.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let file = File::create(out)?;
    if out.extension().is_none_or(|extension| extension != "gz") {
        return write_rows(samples, layout, file).map(drop);
    }
    // Neither time nor name in the header: the same survey gives the same file.
    let gzip = GzBuilder::new().mtime(0).write(BufWriter::with_capacity(1 << 16, file), Compression::fast());
    write_rows(samples, layout, gzip)?.finish()?.flush()
}

/// Writes all rows through a buffer, and returns the writer.
fn write_rows<W: io::Write>(
    mut samples: impl Iterator<Item = Sample>,
    layout: Layout,
    out: W,
) -> io::Result<W> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    samples.try_for_each(|sample| layout.write_row(sample, &mut out))?;
    Ok(out.into_inner()?)
}

fn describe(survey: &SurveyArgs, svg: &Path) -> Result<()> {
    let distribution = survey.distribution();
    let description = Description::of(Survey::new(&distribution, survey.seed).take(survey.rows));
    if let Some(folder) = svg.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let picture = picture::draw(&description)?;
    std::fs::write(svg, picture).with_context(|| format!("cannot write {}", svg.display()))?;
    out!("{description}")?;
    outln!("\naccuracy ceiling, exact over all entries: {:.4}", distribution.ceiling())?;
    outln!("picture: {}", svg.display())?;
    Ok(())
}
