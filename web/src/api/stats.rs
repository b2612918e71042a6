//! Likes and adoptions, as the mysfits API counts them.

use mysfits_domain::MysfitId;

use super::json::Json;

/// The likes of one mysfit, and whether it is adopted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MysfitStats {
    pub mysfit: MysfitId,
    pub likes: u32,
    pub adopted: bool,
}

/// Reads the list of the API; unknown mysfits are skipped.
pub fn parse(body: &str) -> Vec<MysfitStats> {
    let stats = |json: &Json| {
        let mysfit = json.get("mysfitId")?.text()?.parse().ok()?;
        let likes = json.get("likes").and_then(|likes| likes.number()).unwrap_or_default() as u32;
        let adopted = json.get("adopted").and_then(|adopted| adopted.flag()).unwrap_or_default();
        Some(MysfitStats { mysfit, likes, adopted })
    };
    let list = Json::parse(body).and_then(|json| json.get("mysfits"));
    list.map(|list| list.items().iter().filter_map(stats).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use mysfits_domain::catalogue;

    use super::*;

    #[test]
    fn reads_the_list_and_skips_unknown_mysfits() {
        let id = catalogue()[3].id;
        let body = format!(
            r#"{{"mysfits":[{{"mysfitId":"{id}","likes":7,"adopted":true}},{{"mysfitId":"x","likes":1}}]}}"#
        );
        assert_eq!(parse(&body), [MysfitStats { mysfit: id, likes: 7, adopted: true }]);
        assert_eq!(parse("<!doctype html>"), []);
        assert_eq!(parse("{}"), []);
    }
}
