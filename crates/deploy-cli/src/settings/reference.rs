//! The documentation's page about settings.

use std::fmt::Write as _;

use mysfits_infra::Template;

use super::{
    EXAMPLE, TEMPLATES,
    keys::{COMPUTED, OTHER_KEYS, PARAMETER_KEYS},
};

/// What the page says before its tables.
const INTRODUCTION: &str = "# Settings

`mysfits-deploy` and `cargo xtask` read `mysfits.toml` in the current folder (for `cargo xtask`, in the project's root), or the file
that `--config FILE` names. The table `defaults` holds settings of all stages, and `stage.NAME` those of one stage. `deploy` uses all
of them; every other command for the cloud uses the stage's `region`:

```toml
";

/// What the page says after its example.
const RULES: &str = "```

- The value of a setting is, in this order: the option of the command, the key of the stage's table, the key of `defaults`, the
  deployed value, the default. So a setting that is given nowhere keeps its deployed value: after `--backend endpoint`, a deployment
  without `--backend` keeps the endpoint.
- `--reset` ignores deployed values: everything that is given nowhere is set back to its default.
- An empty text removes a value: `alarm-email = \"\"`, `--alarm-email \"\"`.
- `--parameter NAME=VALUE` and the table `parameters` set any parameter of the templates, `--tag KEY=VALUE` and the table `tags` add
  tags to all resources.
- Values are checked against the templates before anything is built or called. An unknown key is rejected.

This page is generated from the templates.
";

/// Returns the page about the settings file, as Markdown.
#[must_use]
pub fn settings_reference() -> String {
    let mut text = format!("{INTRODUCTION}{EXAMPLE}{RULES}\n## Keys\n\n");
    text.push_str("| key | accepts | default | parameter | meaning |\n| --- | --- | --- | --- | --- |\n");
    for (key, parameter) in PARAMETER_KEYS {
        row(&mut text, Some(key), parameter);
    }
    text.push_str("\n## Other keys\n\n| key | accepts | meaning |\n| --- | --- | --- |\n");
    for (key, accepts, meaning) in OTHER_KEYS {
        // A string takes everything.
        let _ = writeln!(text, "| `{key}` | {accepts} | {meaning} |");
    }
    text.push_str("\n## Parameters without a key\n\n| parameter | accepts | default | meaning |\n| --- | --- | --- | --- |\n");
    let mut names: Vec<_> = TEMPLATES.iter().flat_map(Template::parameters).collect();
    names.sort_unstable();
    names.dedup();
    let has_key = |name: &str| PARAMETER_KEYS.iter().any(|(_, known)| *known == name);
    let is_computed = |name: &str| COMPUTED.iter().any(|(known, _)| *known == name);
    for name in names.into_iter().filter(|name| !has_key(name) && !is_computed(name)) {
        row(&mut text, None, name);
    }
    text.push_str("\n## Parameters that the deployer computes\n\nThey cannot be set.\n\n| parameter | instead |\n| --- | --- |\n");
    for (name, instead) in COMPUTED {
        let _ = writeln!(text, "| `{name}` | {instead} |");
    }
    text
}

/// Adds a parameter's row.
fn row(text: &mut String, key: Option<&str>, parameter: &str) {
    let find = |has: &dyn Fn(&Template) -> Option<String>| TEMPLATES.iter().find_map(has);
    let accepts = find(&|template| template.accepted_values(parameter)).unwrap_or_default();
    let default = find(&|template| template.default_of(parameter).map(str::to_owned)).unwrap_or_default();
    let default = if default.is_empty() { default } else { format!("`{default}`") };
    let meaning = find(&|template| template.description_of(parameter).map(str::to_owned)).unwrap_or_default();
    // A string takes everything.
    let _ = match key {
        Some(key) => writeln!(text, "| `{key}` | {accepts} | {default} | `{parameter}` | {meaning} |"),
        None => writeln!(text, "| `{parameter}` | {accepts} | {default} | {meaning} |"),
    };
}
