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

/// Reads the list of the API, or one mysfit. Skips unknown mysfits, and those without likes: the list of the workshop's service has
/// no likes.
pub fn parse(body: &str) -> Vec<MysfitStats> {
    let stats = |json: &Json| {
        let mysfit = json.get("mysfitId")?.text()?.parse().ok()?;
        let likes = json.get("likes")?;
        // The workshop's service sends a string. Not read as a float: its tables would be a tenth of the page's code.
        let likes = likes.number().map(|number| number as u32).or_else(|| likes.text()?.parse().ok())?;
        let adopted = json.get("adopted").and_then(|adopted| adopted.flag()).unwrap_or_default();
        Some(MysfitStats { mysfit, likes, adopted })
    };
    let Some(json) = Json::parse(body) else { return Vec::new() };
    match json.get("mysfits") {
        Some(list) => list.items().iter().filter_map(stats).collect(),
        None => stats(&json).into_iter().collect(),
    }
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

    /// Module 3 of the workshop, `mysfitsTableClient.py`.
    #[test]
    fn reads_what_the_workshops_service_sends() {
        let id = catalogue()[3].id;
        let list =
            format!(r#"{{"mysfits": [{{"mysfitId": "{id}", "name": "Gretta", "goodevil": "Good"}}]}}"#);
        assert_eq!(parse(&list), [], "the list has no likes");
        let one = format!(
            r#"{{"mysfitId": "{id}", "name": "Gretta", "age": 31, "likes": "12", "adopted": false}}"#
        );
        assert_eq!(parse(&one), [MysfitStats { mysfit: id, likes: 12, adopted: false }]);
    }
}
