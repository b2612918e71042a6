//! What visitors did with the mysfits, as the mysfits' API tells it.

use mysfits_domain::MysfitId;

use crate::json::Json;

/// What is known of one mysfit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fact {
    /// Whom it is about.
    pub mysfit: MysfitId,
    /// How many visitors like it.
    pub likes: u32,
    /// Whether it has found a home.
    pub adopted: bool,
}

/// Reads the API's list; mysfits that nobody here knows are left out.
pub fn read(body: &str) -> Vec<Fact> {
    let fact = |json: &Json| {
        let mysfit = json.get("mysfitId")?.text()?.parse().ok()?;
        let likes = json.get("likes").and_then(|likes| likes.number()).unwrap_or_default() as u32;
        let adopted = json.get("adopted").and_then(|adopted| adopted.flag()).unwrap_or_default();
        Some(Fact { mysfit, likes, adopted })
    };
    let list = Json::parse(body).and_then(|json| json.get("mysfits"));
    list.map(|list| list.items().iter().filter_map(fact).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use mysfits_domain::catalogue;

    use super::*;

    #[test]
    fn the_list_is_read_and_strangers_are_left_out() {
        let id = catalogue()[3].id;
        let body = format!(
            r#"{{"mysfits":[{{"mysfitId":"{id}","likes":7,"adopted":true}},{{"mysfitId":"x","likes":1}}]}}"#
        );
        assert_eq!(read(&body), [Fact { mysfit: id, likes: 7, adopted: true }]);
        assert_eq!(read("<!doctype html>"), []);
        assert_eq!(read("{}"), []);
    }
}
