//! The documentation's page about the API: `UPDATE_EXPECT=1 cargo test -p mysfits-api --test api reference` writes it.

use std::fmt::Write as _;

use expect_test::expect_file;
use serde_json::Value;

use crate::support::get;

const INTRODUCTION: &str = "# API

`GET /openapi.json` returns this description as an OpenAPI document. Errors are problem documents (RFC 9457) with the media type
`application/problem+json`; their `detail` names the field, the value and what is allowed. The same routes are served by the
Lambda function, by `cargo xtask dev` and by `mysfits-server`.

This page is generated from the document.
";

/// Returns the name of a schema: a type, a reference, or a list of choices.
fn type_of(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap();
        return format!("[`{name}`](#{})", name.to_lowercase());
    }
    for choices in ["oneOf", "anyOf", "allOf"] {
        if let Some(choices) = schema[choices].as_array() {
            return choices.iter().map(type_of).collect::<Vec<_>>().join(" or ");
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().map(|value| format!("`{}`", text(value))).collect::<Vec<_>>().join(", ");
    }
    let name = match &schema["type"] {
        Value::Array(types) => types.iter().map(text).collect::<Vec<_>>().join(" or "),
        other => text(other),
    };
    if name == "array" { format!("array of {}", type_of(&schema["items"])) } else { name }
}

/// Returns a JSON string without quotes, or another value as JSON.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Returns a description in one line of a table.
fn description(value: &Value) -> String {
    let text = value["description"].as_str().unwrap_or_default();
    text.replace('\n', " ").replace('|', "\\|")
}

/// Returns the type of a body.
fn body(value: &Value) -> String {
    let types = value["content"].as_object().into_iter().flatten();
    types
        .map(|(media, content)| format!("{} (`{media}`)", type_of(&content["schema"])))
        .collect::<Vec<_>>()
        .join(", ")
}

fn page() -> String {
    let document = get("/openapi.json").ok();
    let mut page = INTRODUCTION.to_owned();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let summary = operation["summary"].as_str().unwrap_or_default();
            write!(page, "\n## `{} {path}`\n\n{summary}\n", method.to_uppercase()).unwrap();
            if let Some(parameters) = operation["parameters"].as_array() {
                page.push_str("\n| parameter | in | type | meaning |\n| --- | --- | --- | --- |\n");
                for parameter in parameters {
                    let (name, place) = (text(&parameter["name"]), text(&parameter["in"]));
                    let (of, meaning) = (type_of(&parameter["schema"]), description(parameter));
                    writeln!(page, "| `{name}` | {place} | {of} | {meaning} |").unwrap();
                }
            }
            if !operation["requestBody"].is_null() {
                write!(page, "\nRequest body: {}\n", body(&operation["requestBody"])).unwrap();
            }
            page.push_str("\n| status | body | meaning |\n| --- | --- | --- |\n");
            for (status, response) in operation["responses"].as_object().unwrap() {
                writeln!(page, "| {status} | {} | {} |", body(response), description(response)).unwrap();
            }
        }
    }
    page.push_str("\n## Types\n");
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        write!(page, "\n### `{name}`\n").unwrap();
        let meaning = description(schema);
        if !meaning.is_empty() {
            write!(page, "\n{meaning}\n").unwrap();
        }
        let Some(properties) = schema["properties"].as_object() else {
            write!(page, "\nType: {}\n", type_of(schema)).unwrap();
            continue;
        };
        page.push_str("\n| member | type | required | meaning |\n| --- | --- | --- | --- |\n");
        for (member, property) in properties {
            let required = schema["required"].as_array().into_iter().flatten().any(|name| name == member);
            let required = if required { "yes" } else { "" };
            let (of, meaning) = (type_of(property), description(property));
            writeln!(page, "| `{member}` | {of} | {required} | {meaning} |").unwrap();
        }
    }
    page
}

#[test]
fn the_page_about_the_api_is_up_to_date() {
    let page = page();
    assert!(page.contains("## `POST /recommendations`") && page.contains("| `entry` |"), "{page}");
    expect_file!["../../../../docs/reference/api.md"].assert_eq(&page);
}
