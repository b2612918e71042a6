//! The explanation of a recommendation: how the neighbours voted.

use mysfits_domain::{Explanation, MysfitId, Vote};

use super::json::Json;

/// How much the neighbours agree on a mysfit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// All of them.
    Unanimous,
    /// At least seven in ten.
    Clear,
    /// At least half.
    Leaning,
    /// Fewer than half.
    Close,
}

/// Reads the `explanation` of a recommendation; `None` if it is invalid or names an unknown mysfit.
pub fn parse(json: &Json) -> Option<Explanation> {
    let vote = |vote: &Json| {
        Some(Vote { mysfit: vote.get("mysfit")?.text()?.parse().ok()?, count: whole(&vote.get("count")?)? })
    };
    let votes: Vec<Vote> = json.get("votes")?.items().iter().map(vote).collect::<Option<_>>()?;
    let distance = |distance: &Json| distance.number().map(|distance| distance as f32);
    let distances: Vec<f32> = json.get("distances")?.items().iter().map(distance).collect::<Option<_>>()?;
    // Absent in responses of earlier versions.
    let neighbours = json.get("neighbours").map(|ids| ids.items()).unwrap_or_default();
    let neighbours: Vec<MysfitId> =
        neighbours.iter().map(|id| id.text()?.parse().ok()).collect::<Option<_>>()?;
    let k = whole(&json.get("k")?)?;
    let backend = json.get("backend").and_then(|backend| backend.text()).unwrap_or_default();
    let is_valid = !votes.is_empty()
        && votes.iter().map(|vote| vote.count).sum::<usize>() == k
        && (neighbours.is_empty() || neighbours.len() == distances.len());
    is_valid.then_some(Explanation { backend, k, votes, distances, neighbours })
}

/// Returns how many neighbours voted for a mysfit.
pub fn votes_for(explanation: &Explanation, mysfit: MysfitId) -> usize {
    explanation.votes.iter().find(|vote| vote.mysfit == mysfit).map_or(0, |vote| vote.count)
}

/// Returns how much the neighbours agree on a mysfit.
pub fn agreement(explanation: &Explanation, mysfit: MysfitId) -> Agreement {
    let (votes, k) = (votes_for(explanation, mysfit), explanation.k);
    match votes {
        _ if votes == k => Agreement::Unanimous,
        _ if votes * 10 >= k * 7 => Agreement::Clear,
        _ if votes * 2 >= k => Agreement::Leaning,
        _ => Agreement::Close,
    }
}

/// Returns the mysfit with the most votes besides the recommended one.
pub fn runner_up(explanation: &Explanation, mysfit: MysfitId) -> Option<Vote> {
    explanation.votes.iter().copied().find(|vote| vote.mysfit != mysfit)
}

/// Returns how many neighbours gave exactly the visitor's answers, how many differ in one answer, in two, and more.
///
/// Answers are numbers of options, so one answer that differs by one option is a distance of 1, and two are √2.
pub fn count_by_difference(explanation: &Explanation) -> [usize; 4] {
    let mut counts = [0; 4];
    for distance in &explanation.distances {
        let squared = (distance * distance + 0.5) as usize;
        counts[squared.min(counts.len() - 1)] += 1;
    }
    counts
}

fn whole(json: &Json) -> Option<usize> {
    let number = json.number()?;
    let whole = number as u32;
    (f64::from(whole) == number).then_some(whole as usize)
}

#[cfg(test)]
mod tests {
    use mysfits_domain::catalogue;

    use super::*;

    fn explanation(counts: &[usize]) -> Explanation {
        let votes = catalogue().iter().zip(counts);
        let votes = votes.map(|(mysfit, &count)| Vote { mysfit: mysfit.id, count }).collect();
        Explanation {
            backend: "model".to_owned(),
            k: counts.iter().sum(),
            votes,
            distances: vec![0.0, 0.0, 1.0, 2.0_f32.sqrt(), 3.0_f32.sqrt(), 4.0],
            neighbours: Vec::new(),
        }
    }

    #[test]
    fn agreement_follows_the_share_of_votes() {
        let first = catalogue()[0].id;
        let cases = [
            (&[10][..], Agreement::Unanimous),
            (&[9, 1], Agreement::Clear),
            (&[7, 3], Agreement::Clear),
            (&[6, 4], Agreement::Leaning),
            (&[5, 5], Agreement::Leaning),
            (&[4, 3, 3], Agreement::Close),
        ];
        for (counts, expected) in cases {
            assert_eq!(agreement(&explanation(counts), first), expected, "{counts:?}");
        }
        assert_eq!(votes_for(&explanation(&[3, 2]), catalogue()[5].id), 0);
    }

    #[test]
    fn counts_neighbours_by_the_answers_that_differ() {
        assert_eq!(count_by_difference(&explanation(&[6])), [2, 1, 1, 2]);
    }

    #[test]
    fn the_runner_up_is_another_mysfit() {
        let [first, second, _] = [0, 1, 2].map(|label| catalogue()[label].id);
        let runner_up =
            |counts: &[usize], mysfit| runner_up(&explanation(counts), mysfit).map(|vote| vote.mysfit);
        assert_eq!(runner_up(&[5, 3, 2], first), Some(second));
        assert_eq!(runner_up(&[5, 3, 2], second), Some(first), "the service may recommend another");
        assert_eq!(runner_up(&[10], first), None);
    }

    #[track_caller]
    fn read(json: &str) -> Option<Explanation> {
        parse(&Json::parse(json).expect("JSON"))
    }

    #[test]
    fn rejects_an_explanation_with_an_invalid_part() {
        let good = r#"{"backend":"model","k":3,"votes":[{"mysfit":"c0684344-1eb7-40e7-b334-06d25ac9268c","count":2},
            {"mysfit":"4e53920c-505a-4a90-a694-b9300791f0ae","count":1}],"distances":[0.0,1.0,1.4142135],
            "neighbours":["c0684344-1eb7-40e7-b334-06d25ac9268c","4e53920c-505a-4a90-a694-b9300791f0ae",
            "c0684344-1eb7-40e7-b334-06d25ac9268c"]}"#;
        let explanation = read(good).expect("an explanation");
        assert_eq!((explanation.k, explanation.votes.len(), explanation.distances.len()), (3, 2, 3));
        assert_eq!(explanation.neighbours[1], explanation.votes[1].mysfit);
        for (part, bad) in [
            (r#""k":3"#, r#""k":4"#),
            (r#""k":3"#, r#""k":2.5"#),
            (r#""count":2"#, r#""count":-2"#),
            ("c0684344", "d0684344"),
            (r#""votes""#, r#""vote""#),
            ("1.4142135", r#""far""#),
            ("1.0,", ""),
            (r#"["c068"#, r#"["d068"#),
        ] {
            assert_eq!(read(&good.replacen(part, bad, 1)), None, "{bad}");
        }
        assert_eq!(read(r#"{"k":0,"votes":[],"distances":[]}"#), None);
        let earlier = good.replace(r#""neighbours""#, r#""other""#);
        assert_eq!(read(&earlier).map(|explanation| explanation.neighbours), Some(Vec::new()));
    }
}
