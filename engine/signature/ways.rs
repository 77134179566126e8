//! In how many ways, if any, a correlation's condition can be met.

use crate::signature::condition::Condition;
use crate::signature::correlation::{Bound, Measure};

/// Most hits of one rule that are kept for correlations, over a whole bundle.
pub const KEPT_HITS: usize = 50_000;

/// Most sets of rules that a condition over rules may be met by.
const MOST_WAYS: usize = 256;

/// The sets of rules, by position, each of which meets a condition where nothing that it excludes hit; none where
/// they are too many.
pub fn ways(condition: &Condition) -> Option<Vec<Vec<usize>>> {
    let mut ways = match condition {
        Condition::Selection(index) => vec![vec![*index]],
        Condition::Not(_) => vec![Vec::new()],
        Condition::Any(parts) => {
            let parts: Option<Vec<_>> = parts.iter().map(ways).collect();
            parts?.concat()
        }
        Condition::All(parts) => {
            let mut joined = vec![Vec::new()];
            for part in parts {
                let part = ways(part)?;
                if joined.len() * part.len() > MOST_WAYS {
                    return None;
                }
                joined = joined.iter().flat_map(|way| part.iter().map(|more| [&way[..], &more[..]].concat())).collect();
            }
            joined
        }
    };
    for way in &mut ways {
        way.sort_unstable();
        way.dedup();
    }
    ways.sort();
    ways.dedup();
    (ways.len() <= MOST_WAYS).then_some(ways)
}

/// Why no number can keep the bounds, where none can.
pub(crate) fn impossible(measure: &Measure, bounds: &[Bound], rules: usize) -> Option<String> {
    let counts = matches!(measure, Measure::Events | Measure::Values(_) | Measure::Together { .. });
    let most = match measure {
        Measure::Together { .. } => rules as f64,
        Measure::Events => (KEPT_HITS * rules) as f64,
        _ => f64::INFINITY,
    };
    if !counts {
        // Any number can be: it suffices that the limits leave room, which their own values and middles tell.
        let limits: Vec<f64> = bounds.iter().map(|bound| bound.limit).collect();
        let tried = limits.iter().flat_map(|limit| limits.iter().map(move |other| f64::midpoint(*limit, *other)));
        let tried = tried.chain(limits.iter().flat_map(|limit| [limit - 1.0, limit + 1.0]));
        let possible = tried.into_iter().any(|number| bounds.iter().all(|bound| bound.holds(number)));
        return (!possible).then(|| "no number keeps these limits".to_owned());
    }
    let limits =
        bounds.iter().flat_map(|bound| [bound.limit.floor() - 1.0, bound.limit.floor(), bound.limit.floor() + 1.0]);
    let possible = limits
        .chain([1.0])
        .any(|number| number >= 1.0 && number <= most && bounds.iter().all(|bound| bound.holds(number)));
    (!possible).then(|| match measure {
        Measure::Together { .. } => format!("no number of rules from 1 to {rules} keeps these limits"),
        _ => format!("no count from 1 to {most} keeps these limits").replace(" to inf", " up"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::condition;
    use crate::signature::correlation::Operator;

    fn check(bounds: &[(Operator, f64)], measure: &Measure, expected: bool) {
        let bounds: Vec<Bound> =
            bounds.iter().map(|(operator, limit)| Bound { operator: *operator, limit: *limit }).collect();
        assert_eq!(impossible(measure, &bounds, 3).is_none(), expected, "{bounds:?}");
    }

    #[test]
    fn limits_that_leave_no_room_are_impossible() {
        check(&[(Operator::Greater, 5.0), (Operator::LessOrEqual, 6.0)], &Measure::Events, true);
        check(&[(Operator::Greater, 5.0), (Operator::Less, 6.0)], &Measure::Events, false);
        check(&[(Operator::Greater, 5.0), (Operator::Less, 6.0)], &Measure::Sum("size".to_owned()), true);
        check(&[(Operator::Less, 1.0)], &Measure::Events, false);
        check(&[(Operator::Less, 1.0)], &Measure::Average("size".to_owned()), true);
        check(&[(Operator::GreaterOrEqual, 4.0)], &Measure::Together { ordered: false, condition: None }, false);
        check(&[(Operator::GreaterOrEqual, 1e9)], &Measure::Events, false);
    }

    #[test]
    fn ways_are_what_must_hit() {
        let names = ["a", "b", "c"].map(str::to_owned);
        let of = |text: &str| ways(&condition::parse(text, &names).expect("it is a condition"));
        assert_eq!(of("a and (b or c)"), Some(vec![vec![0, 1], vec![0, 2]]));
        assert_eq!(of("b and not a"), Some(vec![vec![1]]));
        let names: Vec<String> = (0..40).map(|index| format!("r{index}")).collect();
        let pairs: Vec<String> = (0..20).map(|index| format!("(r{} or r{})", 2 * index, 2 * index + 1)).collect();
        assert_eq!(ways(&condition::parse(&pairs.join(" and "), &names).expect("it is a condition")), None);
    }
}
