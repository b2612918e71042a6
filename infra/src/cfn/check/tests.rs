//! Invalid templates, each rejected with place and reason.

use serde::Serialize;

use super::*;
use crate::cfn::{
    Assertion, Logic, Parameter, Properties, Text, attribute, either, only_if, parameter, reference, sub,
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

fn error_of(draft: Draft) -> String {
    draft.finish().expect_err("the template is invalid").to_string()
}

/// Returns the error of a template that has a resource with this value.
fn error_of_value(value: impl Into<Text>) -> String {
    let mut draft = draft();
    draft.add("User", thing(value));
    error_of(draft)
}

#[test]
fn accepts_valid_references() {
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
fn rejects_unknown_names() {
    for value in
        [reference("Nothing"), sub("a ${Nothing}"), sub("${Nothing.Arn}"), attribute("Nothing", "Arn")]
    {
        let said = error_of_value(value);
        assert!(
            said.starts_with("Resources.User.Properties.value refers to Nothing, which is neither"),
            "{said}"
        );
    }
    let mut unknown = draft();
    unknown.add("Later", thing("a")).after(["Nothing"]);
    assert!(error_of(unknown).starts_with("Resources.Later.DependsOn refers to Nothing"));
    let mut output = draft();
    output.output("Out", "an output", reference("Nothing"));
    assert!(error_of(output).starts_with("Outputs.Out.Value refers to Nothing"));
}

#[test]
fn rejects_variables_in_literals() {
    let said = error_of_value(sub("${!HOST:=${AWS::Region}.example}"));
    assert!(
        said.starts_with("Resources.User.Properties.value has ${!HOST:=${AWS::Region}: a variable"),
        "{said}"
    );
}

#[test]
fn rejects_unknown_attributes() {
    let said = error_of_value(only_if(GIVEN, attribute("Rare", "Colour")));
    assert_eq!(
        said,
        "Resources.User.Properties.value refers to the attribute Colour of Rare; Test::A::Thing has Arn"
    );
}

#[test]
fn rejects_unknown_conditions() {
    let said = error_of_value(only_if(Condition("Nowhere"), "a"));
    assert_eq!(
        said,
        "Resources.User.Properties.value depends on the condition Nowhere, which is not defined"
    );
}

#[test]
fn conditions_refer_to_earlier_ones() {
    let mut by_another = draft();
    by_another.condition(Condition("Slow"), Logic::Not(Box::new(Logic::Is(FAST))));
    by_another.condition(
        Condition("SlowAndGiven"),
        Logic::And(vec![Logic::Is(Condition("Slow")), Logic::Is(GIVEN)]),
    );
    by_another.add("User", thing(reference("Rare"))).when(Condition("SlowAndGiven"));
    by_another.finish().unwrap();

    let mut later = draft();
    later.condition(Condition("First"), Logic::Is(Condition("Second")));
    later.condition(Condition("Second"), Logic::given("Name"));
    assert_eq!(error_of(later), "the condition First refers to Second, which is not defined before it");
}

#[test]
fn rejects_duplicate_and_unused_names() {
    let mut twice = draft();
    twice.add("Rare", thing("again"));
    assert!(error_of(twice).starts_with("Rare is defined twice"));
    let mut unused = draft();
    unused.parameter("Idle", Parameter::text("not used"));
    assert_eq!(error_of(unused), "Idle is not used; remove it");
    let mut rule = draft();
    rule.rule("Rule", Assertion::new(None, Logic::given("Nothing"), "give it"));
    assert!(error_of(rule).contains("Rules refers to Nothing"));
    let used: Text = parameter("Idle");
    let mut draft = draft();
    draft.parameter("Idle", Parameter::text("used"));
    draft.add("User", thing(used));
    draft.finish().unwrap();
}

#[test]
fn rejects_yaml_tags() {
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
    draft.add("User", Trusting { principal: Principal::Service("lambda") });
    let said = error_of(draft);
    assert!(said.starts_with("Resources.User.Properties.principal has the tag !Service"), "{said}");
}
