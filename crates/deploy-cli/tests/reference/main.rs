//! The generated pages of the documentation: `UPDATE_EXPECT=1 cargo test -p mysfits-deploy-cli --test reference` writes them.

use std::fmt::Write as _;

use expect_test::expect_file;
use mysfits_deploy_cli::{DeployExit, settings_reference};
use mysfits_infra::{Stack, Template};

/// What the page about outputs says before its tables.
const OUTPUTS: &str = "# Outputs of the stacks

`cargo xtask outputs` prints the addresses of API and site that work from here, and the outputs of all stacks. With `--json`, it
prints one object: `api`, `site`, and an object for each stack.

    SITE=$(mysfits-deploy outputs --json | jq --raw-output .site)

Other stacks can use the outputs by their names, for instance with `aws cloudformation describe-stacks`. They are not exported.

This page is generated from the templates.
";

/// What the page about exit codes says before its table.
const EXIT_CODES: &str = "# Exit codes

These are the exit codes of `mysfits-deploy`, and of the commands of `cargo xtask` that run it.

| code | meaning |
| --- | --- |
";

/// What the page about exit codes says after its table.
const IN_A_SCRIPT: &str = "
A script can tell drift from a failure:

```sh
mysfits-deploy status --drift --stage production
case $? in
    0) echo \"no drift\" ;;
    3) echo \"drift: see the lines above\" ;;
    *) exit 1 ;;
esac
```

The error is at the end of standard error, and names the remedy. [Troubleshooting](troubleshooting.md) explains the errors.
If `cargo xtask` fails before it runs `mysfits-deploy`, for instance while it builds, its exit code is 1.

This page is generated from `mysfits-deploy-cli`.
";

#[test]
fn the_page_about_settings_is_up_to_date() {
    expect_file!["../../../../docs/deploying/settings.md"].assert_eq(&settings_reference());
}

#[test]
fn the_page_about_exit_codes_is_up_to_date() {
    let rows = DeployExit::ALL.map(|exit| format!("| {} | {} |\n", exit.code(), exit.meaning()));
    let page = format!("{EXIT_CODES}{}{IN_A_SCRIPT}", rows.concat());
    expect_file!["../../../../docs/deploying/exit-codes.md"].assert_eq(&page);
}

#[test]
fn the_page_about_outputs_is_up_to_date() {
    let mut page = OUTPUTS.to_owned();
    for stack in Stack::ALL {
        let name = stack.name(&"x".parse().unwrap()).replace("-x-", "-<stage>-");
        writeln!(page, "\n## `{name}`\n\n| output | value | condition |\n| --- | --- | --- |").unwrap();
        let template: Template = stack.template();
        for output in template.outputs() {
            let entry = &template.document()["Outputs"][output];
            let [value, condition] =
                ["Description", "Condition"].map(|key| entry[key].as_str().unwrap_or_default());
            let condition = if condition.is_empty() { String::new() } else { format!("`{condition}`") };
            writeln!(page, "| `{output}` | {value} | {condition} |").unwrap();
        }
    }
    expect_file!["../../../../docs/deploying/outputs.md"].assert_eq(&page);
}
