//! Generates constants from `data/mysfits.json` and `data/questionnaire.json`. Nothing is parsed at run time, and an error in
//! the data (a missing translation, a ninth option, a duplicate id) fails the build.

use std::{
    collections::HashSet,
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

#[path = "build/link.rs"]
mod link;

const MYSFITS_PATH: &str = "data/mysfits.json";
const QUESTIONNAIRE_PATH: &str = "data/questionnaire.json";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    version: u32,
    mysfits: Vec<Mysfit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Mysfit {
    #[serde(rename = "mysfitId")]
    id: String,
    slug: String,
    name: LocalizedText,
    species: LocalizedText,
    age: u64,
    good_evil: String,
    law_chaos: String,
    portrait: LocalizedText,
    description: LocalizedText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Questionnaire {
    version: u32,
    questions: Vec<Question>,
}

/// Its `Debug` form is the code of a `Question`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    feature: String,
    prompt: LocalizedText,
    options: Vec<LocalizedText>,
}

/// Its `Debug` form is the code of a `LocalizedText`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LocalizedText {
    en: String,
    ko: String,
}

impl LocalizedText {
    fn check(&self, place: &str) -> Result<(), String> {
        for (language, text) in [("en", &self.en), ("ko", &self.ko)] {
            if text.trim().is_empty() || text.trim() != text {
                return Err(format!("{place}.{language}: {text:?} is empty or padded with white space"));
            }
        }
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    for path in [MYSFITS_PATH, QUESTIONNAIRE_PATH, "build.rs", "build/link.rs"] {
        println!("cargo::rerun-if-changed={path}");
    }
    let catalogue: Catalogue = read(MYSFITS_PATH)?;
    let questionnaire: Questionnaire = read(QUESTIONNAIRE_PATH)?;
    let (mut counts, mut questions, mut mysfits) = (String::new(), String::new(), String::new());
    write_questions(&mut counts, &mut questions, &questionnaire)
        .map_err(|e| format!("{QUESTIONNAIRE_PATH}: {e}"))?;
    write_mysfits(&mut counts, &mut mysfits, &catalogue).map_err(|e| format!("{MYSFITS_PATH}: {e}"))?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set; run this through cargo")?);
    for (name, code) in [("counts.rs", counts), ("questions.rs", questions), ("mysfits.rs", mysfits)] {
        fs::write(out.join(name), code)?;
    }
    Ok(())
}

fn read<T: for<'a> Deserialize<'a>>(path: &str) -> Result<T, String> {
    let (source, text) = link::read_json(Path::new(path)).map_err(|e| format!("{path}: {e}"))?;
    println!("cargo::rerun-if-changed={}", source.display());
    serde_json::from_str(&text).map_err(|e| format!("{path}: {e}"))
}

fn write_questions(
    counts: &mut String,
    code: &mut String,
    questionnaire: &Questionnaire,
) -> Result<(), Box<dyn Error>> {
    let questions = &questionnaire.questions;
    let options = questions.first().map_or(0, |q| q.options.len());
    if questions.is_empty() || options < 2 || options > usize::from(u8::MAX) {
        return Err("there must be at least one question, of 2 to 255 options".into());
    }
    distinct("feature", questions.iter().map(|q| q.feature.as_str()))?;
    writeln!(counts, "pub(crate) const QUESTIONNAIRE_VERSION: u32 = {};", questionnaire.version)?;
    writeln!(counts, "/// The number of questions, and of answers in an [`Entry`](crate::Entry).")?;
    writeln!(counts, "pub const QUESTION_COUNT: usize = {};", questions.len())?;
    writeln!(counts, "/// The number of options of each question; answers are numbered from 1.")?;
    writeln!(counts, "pub const OPTION_COUNT: usize = {options};")?;
    let features: Vec<&str> = questions.iter().map(|q| q.feature.as_str()).collect();
    writeln!(counts, "/// The names of the features, in the order of the questionnaire.")?;
    writeln!(counts, "pub const FEATURES: [&str; QUESTION_COUNT] = {features:?};")?;
    for question in questions {
        let place = &question.feature;
        if question.options.len() != options {
            return Err(format!(
                "{place}: {} options; every question must have the same number, and the first has {options}",
                question.options.len()
            )
            .into());
        }
        distinct(&format!("{place}: en"), question.options.iter().map(|o| o.en.as_str()))?;
        distinct(&format!("{place}: ko"), question.options.iter().map(|o| o.ko.as_str()))?;
        question.prompt.check(place)?;
        for (i, option) in question.options.iter().enumerate() {
            option.check(&format!("{place}.options[{i}]"))?;
        }
    }
    writeln!(code, "pub(super) static QUESTIONS: [Question; QUESTION_COUNT] = {questions:?};")?;
    Ok(())
}

fn write_mysfits(
    counts: &mut String,
    code: &mut String,
    catalogue: &Catalogue,
) -> Result<(), Box<dyn Error>> {
    let mysfits = &catalogue.mysfits;
    if mysfits.is_empty() || mysfits.len() > usize::from(u8::MAX) {
        return Err(format!("{} mysfits; there must be 1 to 255", mysfits.len()).into());
    }
    distinct("mysfitId", mysfits.iter().map(|m| m.id.as_str()))?;
    distinct("slug", mysfits.iter().map(|m| m.slug.as_str()))?;
    writeln!(counts, "pub(crate) const CATALOGUE_VERSION: u32 = {};", catalogue.version)?;
    writeln!(counts, "/// The number of mysfits; labels are `0..MYSFIT_COUNT`.")?;
    writeln!(counts, "pub const MYSFIT_COUNT: usize = {};", mysfits.len())?;
    let ids: Vec<&str> = mysfits.iter().map(|m| m.id.as_str()).collect();
    writeln!(code, "pub(super) static MYSFIT_IDS: [&str; MYSFIT_COUNT] = {ids:?};")?;
    let mut alignments = String::new();
    let mut table = String::new();
    for (label, mysfit) in mysfits.iter().enumerate() {
        let slug = &mysfit.slug;
        if !is_uuid(&mysfit.id) {
            return Err(format!("{slug}: mysfitId {:?} is not a lower-case UUID", mysfit.id).into());
        }
        if slug.is_empty() || !slug.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') {
            return Err(format!("slug {slug:?} may hold only a-z and hyphens").into());
        }
        let good_evil = one_of(slug, "goodEvil", &mysfit.good_evil, &["Good", "Neutral", "Evil"])?;
        let law_chaos = one_of(slug, "lawChaos", &mysfit.law_chaos, &["Lawful", "Neutral", "Chaotic"])?;
        writeln!(
            alignments,
            "Alignment {{ good_evil: GoodEvil::{good_evil}, law_chaos: LawChaos::{law_chaos} }},"
        )?;
        let Mysfit { name, species, age, portrait, description, .. } = mysfit;
        name.check(&format!("{slug}.name"))?;
        species.check(&format!("{slug}.species"))?;
        portrait.check(&format!("{slug}.portrait"))?;
        description.check(&format!("{slug}.description"))?;
        writeln!(
            table,
            "Mysfit {{ id: MysfitId({label}), label: Label({label}), slug: {slug:?}, name: {name:?}, species: {species:?}, \
             age: {age}, alignment: ALIGNMENTS[{label}], portrait: {portrait:?}, description: {description:?} }},"
        )?;
    }
    writeln!(code, "pub(super) const ALIGNMENTS: [Alignment; MYSFIT_COUNT] = [{alignments}];")?;
    writeln!(code, "pub(super) static CATALOGUE: [Mysfit; MYSFIT_COUNT] = [{table}];")?;
    Ok(())
}

fn one_of<'a>(slug: &str, field: &str, value: &'a str, allowed: &[&str]) -> Result<&'a str, String> {
    if allowed.contains(&value) {
        Ok(value)
    } else {
        Err(format!("{slug}: {field} {value:?} is not one of {allowed:?}"))
    }
}

fn distinct<'a>(what: &str, values: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut seen = HashSet::new();
    for value in values {
        if !seen.insert(value) {
            return Err(format!("{what}: duplicate {value:?}"));
        }
    }
    Ok(())
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|g| g.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().flat_map(|g| g.bytes()).all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
