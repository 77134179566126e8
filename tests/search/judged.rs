//! The judged queries and the figures made from them; used by the tests and by `benches/search.rs`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

/// A query with what should come of it.
#[derive(Deserialize)]
pub struct Judged {
    /// What is typed.
    pub ask: String,
    /// Known errors that are a right first answer.
    pub best: Vec<String>,
    /// Known errors that are worth a look beside it.
    #[serde(default)]
    pub also: Vec<String>,
}

/// How good a set of answers is.
#[derive(Clone, Copy, Default, Debug)]
pub struct Figures {
    /// How many queries were asked.
    pub queries: usize,
    /// Share of those with a right answer in the first place.
    pub success_1: f64,
    /// Share of those with a right answer in the first three.
    pub success_3: f64,
    /// Mean of one by the place of the first right answer.
    pub reciprocal_rank: f64,
    /// Normalised discounted cumulative gain of the first five places.
    pub gain_5: f64,
}

/// The judged queries by kind.
pub fn queries(repository: &Path) -> BTreeMap<String, Vec<Judged>> {
    let text = std::fs::read_to_string(repository.join("tests/search/queries.yml")).expect("the queries can be read");
    serde_yaml::from_str(&text).expect("the queries are YAML of the form above")
}

/// The figures of one kind; `answer` gives known errors, best first, each once.
pub fn figures(queries: &[Judged], answer: &dyn Fn(&str) -> Vec<String>) -> Figures {
    let mut sum = Figures { queries: queries.len(), ..Figures::default() };
    for judged in queries {
        let found = answer(&judged.ask);
        let place = found.iter().position(|id| judged.best.contains(id));
        sum.success_1 += f64::from(place == Some(0));
        sum.success_3 += f64::from(place.is_some_and(|place| place < 3));
        sum.reciprocal_rank += place.map_or(0.0, |place| 1.0 / (place + 1) as f64);
        sum.gain_5 += gain(judged, &found);
    }
    sum.divided(queries.len())
}

/// The figures of several kinds together.
pub fn whole(kinds: &[Figures]) -> Figures {
    let mut sum = Figures::default();
    for kind in kinds {
        let weight = kind.queries as f64;
        sum.queries += kind.queries;
        sum.success_1 += kind.success_1 * weight;
        sum.success_3 += kind.success_3 * weight;
        sum.reciprocal_rank += kind.reciprocal_rank * weight;
        sum.gain_5 += kind.gain_5 * weight;
    }
    let queries = sum.queries;
    sum.divided(queries)
}

impl Figures {
    fn divided(self, by: usize) -> Figures {
        let by = by.max(1) as f64;
        Figures {
            queries: self.queries,
            success_1: self.success_1 / by,
            success_3: self.success_3 / by,
            reciprocal_rank: self.reciprocal_rank / by,
            gain_5: self.gain_5 / by,
        }
    }
}

/// nDCG@5 with grade 3 for a right answer and 1 for one beside it. One right answer is all that is asked for, so the
/// best list has one, and what stands beside it after.
fn gain(judged: &Judged, found: &[String]) -> f64 {
    let discount = |place: usize| 1.0 / ((place + 2) as f64).log2();
    let ideal = 7.0 + judged.also.iter().enumerate().map(|(index, _)| discount(index + 1)).take(4).sum::<f64>();
    let mut satisfied = false;
    let mut gained = 0.0;
    for (place, id) in found.iter().take(5).enumerate() {
        if judged.best.contains(id) && !satisfied {
            satisfied = true;
            gained += 7.0 * discount(place);
        } else if judged.also.contains(id) {
            gained += discount(place);
        }
    }
    (gained / ideal).min(1.0)
}
