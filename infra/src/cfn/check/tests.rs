//! Templates that do not hold together, each refused with the place and the reason.

use serde::Serialize;

use super::*;
use crate::cfn::{
    Assertion, Expr, Logic, Parameter, Properties, Text, attribute, either, only_if, parameter, reference,
    sub,
};

const GIVEN: Condition = Condition("Given");
const EMPTY: Condition = Condition("Empty");
const FAST: Condition = Condition("Fast");
const FAST_AND_GIVEN: Condition = Condition("FastAndGiven");

/// A resource with one property.
#[derive(Serialize)]
struct Thing {
    value: Text,
}

impl Properties for Thing {
    const TYPE: &'static str = "Test::A::Thing";
    const ATTRIBUTES: &'static [&'static str] = &["Arn"];
}

fn thing(value: impl Into<Text>) -> Thing {
    Thing { value: value.into() }
}

/// Conditions of two parameters, all used, and `Rare`, which only exists under `Given`.
fn draft() -> Draft {
    let mut draft = Draft::new("a test");
    draft.parameter("Name", Parameter::text("a text").or(""));
    draft.parameter("Speed", Parameter::choice("a choice", &["fast", "slow"]).or("slow"));
    draft.condition(GIVEN, Logic::given("Name"));
    draft.condition(EMPTY, Logic::Equals("Name", ""));
    draft.condition(FAST, Logic::Equals("Speed", "fast"));
    draft.condition(FAST_AND_GIVEN, Logic::And(vec![Logic::Is(FAST), Logic::Is(GIVEN)]));
    draft.add("Rare", thing("a")).when(GIVEN);
    let all = [GIVEN, EMPTY, FAST, FAST_AND_GIVEN];
    all.into_iter()
        .fold((), |(), condition| draft.output_if(condition, condition.0, "uses it", "text".into()));
    draft
}

fn refused(draft: Draft) -> String {
    draft.finish().expect_err("the template does not hold together").to_string()
}

/// What is said of a resource with this value.
fn refused_value(value: impl Into<Text>) -> String {
    let mut draft = draft();
    draft.add("Asks", thing(value));
    refused(draft)
}

#[test]
fn what_holds_together_is_accepted() {
    let mut draft = draft();
    draft.add("Plain", thing(sub("${AWS::Region} ${Name} ${!Shell}")));
    draft.add("Same", thing(reference("Rare"))).when(GIVEN).after(["Rare"]);
    draft.add("Stricter", thing(attribute("Rare", "Arn"))).when(FAST_AND_GIVEN);
    draft.add("Inside", thing(only_if(GIVEN, sub("${Rare.Arn}"))));
    // Not empty is given: the two conditions are of one parameter.
    draft.add("Otherwise", thing(either(EMPTY, "none", reference("Rare"))));
    draft.finish().unwrap();
}

#[test]
fn names_that_nothing_has_are_refused() {
    for value in
        [reference("Nothing"), sub("a ${Nothing}"), sub("${Nothing.Arn}"), attribute("Nothing", "Arn")]
    {
        let said = refused_value(value);
        assert!(
            said.starts_with("Resources.Asks.Properties.value refers to Nothing, which is neither"),
            "{said}"
        );
    }
    let mut unknown = draft();
    unknown.add("Later", thing("a")).after(["Nothing"]);
    assert!(refused(unknown).starts_with("Resources.Later.DependsOn refers to Nothing"));
    let mut output = draft();
    output.output("Out", "an output", reference("Nothing"));
    assert!(refused(output).starts_with("Outputs.Out.Value refers to Nothing"));
}

#[test]
fn what_is_filled_in_stands_outside_of_what_is_left_alone() {
    let said = refused_value(sub("${!HOST:=${AWS::Region}.example}"));
    assert!(said.starts_with("Resources.Asks.Properties.value has ${!HOST:=${AWS::Region}: what"), "{said}");
}

#[test]
fn attributes_that_the_type_lacks_are_refused() {
    let said = refused_value(only_if(GIVEN, attribute("Rare", "Colour")));
    assert_eq!(said, "Resources.Asks.Properties.value asks Rare for Colour; Test::A::Thing has Arn");
}

#[test]
fn what_may_be_absent_is_only_referred_to_where_it_is_there() {
    let expected = "refers to Rare, which only exists under the condition Given; refer to it under the same";
    for value in [
        reference("Rare"),
        sub("${Rare}"),
        only_if(FAST, reference("Rare")),
        either(GIVEN, "there", reference("Rare")),
        Expr::Join("-", Box::new(vec![Text::from("a"), attribute("Rare", "Arn")].into())),
    ] {
        let said = refused_value(value);
        assert!(said.ends_with(expected), "{said}");
    }
    let mut ordered = draft();
    ordered.add("Later", thing("a")).after(["Rare"]);
    assert!(refused(ordered).ends_with(expected));
}

#[test]
fn conditions_and_mappings_must_be_defined() {
    let said = refused_value(only_if(Condition("Nowhere"), "a"));
    assert_eq!(
        said,
        "Resources.Asks.Properties.value depends on the condition Nowhere, which is not defined"
    );
    let said = refused_value(Expr::FindInMap("Map", Box::new("row".into()), "column"));
    assert!(said.contains("looks into the mapping Map"), "{said}");
    let mut draft = draft();
    draft.mapping("Map", "column", [("row", "value")]);
    draft.add("Asks", thing(Expr::FindInMap("Map", Box::new("row".into()), "other")));
    assert!(refused(draft).contains("has rows without the column other"));
}

#[test]
fn conditions_are_made_of_earlier_ones() {
    let mut by_another = draft();
    by_another.condition(Condition("Slow"), Logic::Not(Box::new(Logic::Is(FAST))));
    by_another.condition(
        Condition("SlowAndGiven"),
        Logic::And(vec![Logic::Is(Condition("Slow")), Logic::Is(GIVEN)]),
    );
    by_another.add("Asks", thing(reference("Rare"))).when(Condition("SlowAndGiven"));
    by_another.finish().unwrap();

    let mut later = draft();
    later.condition(Condition("First"), Logic::Is(Condition("Second")));
    later.condition(Condition("Second"), Logic::given("Name"));
    assert_eq!(refused(later), "the condition First asks for Second, which is not defined before it");
}

#[test]
fn more_conditions_than_can_be_looked_through_are_refused() {
    const NAMES: [&str; 17] =
        ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O", "P", "Q"];
    let mut draft = draft();
    for name in NAMES {
        draft.parameter(name, Parameter::text("a text"));
        draft.condition(Condition(name), Logic::given(name));
    }
    let said = refused(draft);
    assert!(said.starts_with("the template has more than 65536 combinations"), "{said}");
}

#[test]
fn names_given_twice_and_names_for_nothing_are_refused() {
    let mut twice = draft();
    twice.add("Rare", thing("again"));
    assert!(refused(twice).starts_with("Rare is defined twice"));
    let mut unused = draft();
    unused.parameter("Idle", Parameter::text("nobody asks"));
    assert_eq!(refused(unused), "nothing uses Idle; take it out");
    let mut rule = draft();
    rule.rule("Rule", Assertion::new(None, Logic::given("Nothing"), "give it"));
    assert!(refused(rule).contains("Rules refers to Nothing"));
    let used: Text = parameter("Idle");
    let mut draft = draft();
    draft.parameter("Idle", Parameter::text("somebody asks"));
    draft.add("Asks", thing(used));
    draft.finish().unwrap();
}

#[test]
fn an_enum_that_became_a_tag_is_refused() {
    #[derive(Serialize)]
    enum Principal {
        Service(&'static str),
    }
    #[derive(Serialize)]
    struct Trusting {
        principal: Principal,
    }
    impl Properties for Trusting {
        const TYPE: &'static str = "Test::A::Trusting";
    }
    let mut draft = draft();
    draft.add("Asks", Trusting { principal: Principal::Service("lambda") });
    let said = refused(draft);
    assert!(said.starts_with("Resources.Asks.Properties.principal has the tag !Service"), "{said}");
}
