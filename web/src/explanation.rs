//! What speaks for a recommendation: the neighbours' votes, and how near they are.

use mysfits_domain::MysfitId;

use crate::json::Json;

/// The neighbours behind a recommendation.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// How many neighbours voted.
    pub k: u32,
    /// Whom they voted for, most votes first. Never empty.
    pub votes: Vec<Vote>,
    /// How far each neighbour's answers are from the visitor's, ascending; a step is one option in one question.
    pub distances: Vec<f64>,
}

/// How many of the neighbours want one mysfit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vote {
    /// Whom.
    pub mysfit: MysfitId,
    /// How many.
    pub count: u32,
}

/// How much the neighbours agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// All of them.
    Unanimous,
    /// At least seven in ten.
    Clear,
    /// At least half.
    Leaning,
    /// Fewer: others together have more.
    Close,
}

impl Explanation {
    /// Reads the `explanation` of an answer; none if it is not one, or speaks of mysfits that nobody knows.
    pub fn read(json: &Json) -> Option<Self> {
        let vote = |vote: &Json| {
            Some(Vote {
                mysfit: vote.get("mysfit")?.text()?.parse().ok()?,
                count: whole(&vote.get("count")?)?,
            })
        };
        let votes: Vec<Vote> = json.get("votes")?.items().iter().map(vote).collect::<Option<_>>()?;
        let distances = json.get("distances")?.items().iter().map(Json::number).collect::<Option<_>>()?;
        let k = whole(&json.get("k")?)?;
        (!votes.is_empty() && votes.iter().map(|vote| vote.count).sum::<u32>() == k).then_some(Self {
            k,
            votes,
            distances,
        })
    }

    /// How many of the neighbours voted for a mysfit.
    #[must_use]
    pub fn votes_for(&self, mysfit: MysfitId) -> u32 {
        self.votes.iter().find(|vote| vote.mysfit == mysfit).map_or(0, |vote| vote.count)
    }

    /// How much the neighbours agree on a mysfit.
    #[must_use]
    pub fn agreement(&self, mysfit: MysfitId) -> Agreement {
        let (votes, k) = (self.votes_for(mysfit), self.k);
        match votes {
            _ if votes == k => Agreement::Unanimous,
            _ if votes * 10 >= k * 7 => Agreement::Clear,
            _ if votes * 2 >= k => Agreement::Leaning,
            _ => Agreement::Close,
        }
    }

    /// How many neighbours gave exactly the visitor's answers.
    #[must_use]
    pub fn n_exact(&self) -> usize {
        self.distances.iter().filter(|&&distance| distance == 0.0).count()
    }
}

fn whole(json: &Json) -> Option<u32> {
    let number = json.number()?;
    let whole = number as u32;
    (f64::from(whole) == number).then_some(whole)
}

/// A distance with one decimal, as people read it. Without the formatting of floats, which weighs more in the browser's
/// code than all the rest of this module.
#[must_use]
pub fn one_decimal(distance: f64) -> String {
    let tenths = (distance * 10.0).round() as u32;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use mysfits_domain::catalogue;

    use super::*;

    fn explanation(counts: &[u32]) -> Explanation {
        let votes = catalogue().iter().zip(counts);
        let votes = votes.map(|(mysfit, &count)| Vote { mysfit: mysfit.id, count }).collect();
        Explanation { k: counts.iter().sum(), votes, distances: vec![0.0, 0.0, 1.0] }
    }

    #[test]
    fn agreement_is_named_by_the_share_of_votes() {
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
            assert_eq!(explanation(counts).agreement(first), expected, "{counts:?}");
        }
        assert_eq!(explanation(&[3, 2]).votes_for(catalogue()[5].id), 0);
        assert_eq!(explanation(&[3]).n_exact(), 2);
    }

    #[track_caller]
    fn read(json: &str) -> Option<Explanation> {
        Explanation::read(&Json::parse(json).expect("JSON"))
    }

    #[test]
    fn what_the_api_says_is_read_whole_or_not_at_all() {
        let good = r#"{"backend":"model","k":3,"votes":[{"mysfit":"c0684344-1eb7-40e7-b334-06d25ac9268c","count":2},
            {"mysfit":"4e53920c-505a-4a90-a694-b9300791f0ae","count":1}],"distances":[0.0,1.0,1.4142135]}"#;
        let explanation = read(good).expect("an explanation");
        assert_eq!((explanation.k, explanation.votes.len(), explanation.distances.len()), (3, 2, 3));
        for (part, bad) in [
            (r#""k":3"#, r#""k":4"#),
            (r#""k":3"#, r#""k":2.5"#),
            (r#""count":2"#, r#""count":-2"#),
            ("c0684344", "d0684344"),
            (r#""votes""#, r#""vote""#),
            ("1.4142135", r#""far""#),
        ] {
            assert_eq!(read(&good.replacen(part, bad, 1)), None, "{bad}");
        }
        assert_eq!(read(r#"{"k":0,"votes":[],"distances":[]}"#), None);
    }

    #[test]
    fn distances_have_one_decimal() {
        for (distance, expected) in [(0.0, "0.0"), (2.449_489_7, "2.4"), (9.96, "10.0"), (15.652, "15.7")] {
            assert_eq!(one_decimal(distance), expected);
        }
    }
}
