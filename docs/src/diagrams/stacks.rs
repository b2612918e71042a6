//! What each stack holds, out of the templates, and what flows from one to the next.

use mysfits_infra::{Stack, recommendations, sagemaker};

use crate::draw::{Anchor, Picture, Style, area};

const COLUMN: f64 = 270.0;
const ROW: f64 = 19.0;

/// Draws it.
pub fn draw() -> Picture {
    let n_rows = Stack::ALL.map(|stack| stack.template().resources().count()).into_iter().max().unwrap_or(0);
    let height = 62.0 + n_rows as f64 * ROW;
    let title = ("The three stacks and their resources", "스택 세 개와 그 안의 리소스");
    let mut picture = Picture::new(title, 860.0, height + 104.0);
    let columns = Stack::ALL.into_iter().zip([15.0, 295.0, 575.0]);
    for (stack, x) in columns {
        picture.frame_as(area(x, 16.0, COLUMN, height), Style::CodeName, stack.name());
        for (row, resource) in stack.template().resources().enumerate() {
            let y = 64.0 + row as f64 * ROW;
            picture.dot((x + 16.0, y - 4.0), resource.condition.is_none());
            picture.text((x + 28.0, y), Anchor::Start, Style::Small, named(resource.logical_id), 165.0);
            let service = resource.kind.split("::").nth(1).unwrap_or(resource.kind);
            picture.text((x + COLUMN - 10.0, y), Anchor::End, Style::Small, short(service), 72.0);
        }
    }
    let below = height + 16.0;
    let flows = [
        (150.0, 410.0, sagemaker::output::ENDPOINT_NAME.to_owned()),
        (450.0, 710.0, recommendations::output::RECOMMENDATIONS_API_ENDPOINT.to_owned()),
    ];
    for (from, to, output) in flows {
        picture.arrow(&[(from, below), (from, below + 24.0), (to, below + 24.0), (to, below + 1.0)]);
        picture.text((f64::midpoint(from, to), below + 42.0), Anchor::Middle, Style::CodeLine, output, 260.0);
    }
    let legend = below + 74.0;
    picture.dot((24.0, legend - 4.0), true);
    picture.text((36.0, legend), Anchor::Start, Style::Line, ("always there", "항상 있음"), 120.0);
    picture.dot((154.0, legend - 4.0), false);
    let text = ("only where a parameter asks for it", "파라미터로 요청할 때만");
    picture.text((166.0, legend), Anchor::Start, Style::Line, text, 240.0);
    let text = ("arrows: outputs that become parameters", "화살표: 다음 스택의 파라미터가 되는 출력");
    picture.text((840.0, legend), Anchor::End, Style::Line, text, 380.0);
    picture
}

/// Returns a logical id without the hash of a deployment of the API.
fn named(logical_id: &str) -> String {
    let name = logical_id.trim_end_matches(|c: char| c.is_ascii_digit() || ('a'..='f').contains(&c));
    if logical_id.len() - name.len() >= 12 { format!("{name}…") } else { logical_id.to_owned() }
}

/// Returns a short name of a service.
fn short(service: &str) -> &str {
    match service {
        "ApplicationAutoScaling" => "AutoScaling",
        other => other,
    }
}
