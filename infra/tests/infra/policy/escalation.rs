//! The printed policies give no more permissions than those of the boundary, and none outside the stage.

use mysfits_infra::policy::{PolicyHolder, PolicyScope, policy};

use super::{
    ACCOUNT, HOLDERS, SERVICE_ROLE,
    evaluator::{Facts, Identity},
    scope, stage,
};

const VIA: (&str, &str) = ("aws:CalledVia", "cloudformation.amazonaws.com");
const TAGGED: [(&str, &str); 2] =
    [("aws:ResourceTag/project", "mythical-mysfits"), ("aws:ResourceTag/stage", "dev")];
const REQUESTED: [(&str, &str); 2] =
    [("aws:RequestTag/project", "mythical-mysfits"), ("aws:RequestTag/stage", "dev")];

/// Ways to get the permissions of others. None depends on facts that the caller cannot choose.
const ESCALATIONS: [(&str, &str); 31] = [
    ("iam:AddUserToGroup", "arn:aws:iam::123456789012:group/admins"),
    ("iam:AttachGroupPolicy", "arn:aws:iam::123456789012:group/deployers"),
    (
        "iam:AttachRolePolicy",
        "arn:aws:iam::123456789012:role/mysfits/dev/eu-west-1/Mysfits-dev-Api-FunctionRole-1",
    ),
    ("iam:AttachUserPolicy", "arn:aws:iam::123456789012:user/deployer"),
    ("iam:CreateAccessKey", "arn:aws:iam::123456789012:user/admin"),
    ("iam:CreateLoginProfile", "arn:aws:iam::123456789012:user/admin"),
    ("iam:CreatePolicyVersion", "arn:aws:iam::123456789012:policy/Mysfits-dev-Boundary-eu-west-1"),
    ("iam:CreateRole", "arn:aws:iam::123456789012:role/mysfits/dev/eu-west-1/Mysfits-dev-Api-FunctionRole-1"),
    ("iam:CreateUser", "arn:aws:iam::123456789012:user/other"),
    ("iam:DeletePolicy", "arn:aws:iam::123456789012:policy/Mysfits-dev-Boundary-eu-west-1"),
    (
        "iam:DeleteRolePermissionsBoundary",
        "arn:aws:iam::123456789012:role/mysfits/dev/eu-west-1/Mysfits-dev-Api-FunctionRole-1",
    ),
    ("iam:DeleteUserPermissionsBoundary", "arn:aws:iam::123456789012:user/deployer"),
    ("iam:PassRole", "arn:aws:iam::123456789012:role/admin"),
    ("iam:PutGroupPolicy", "arn:aws:iam::123456789012:group/deployers"),
    (
        "iam:PutRolePermissionsBoundary",
        "arn:aws:iam::123456789012:role/mysfits/dev/eu-west-1/Mysfits-dev-Api-FunctionRole-1",
    ),
    (
        "iam:PutRolePolicy",
        "arn:aws:iam::123456789012:role/mysfits/dev/eu-west-1/Mysfits-dev-Api-FunctionRole-1",
    ),
    ("iam:PutUserPolicy", "arn:aws:iam::123456789012:user/deployer"),
    ("iam:SetDefaultPolicyVersion", "arn:aws:iam::123456789012:policy/Mysfits-dev-Boundary-eu-west-1"),
    ("iam:UpdateAssumeRolePolicy", "arn:aws:iam::123456789012:role/admin"),
    ("iam:UpdateLoginProfile", "arn:aws:iam::123456789012:user/admin"),
    ("cloudformation:CreateStack", "arn:aws:cloudformation:eu-west-1:123456789012:stack/any/1"),
    (
        "cloudformation:SetStackPolicy",
        "arn:aws:cloudformation:eu-west-1:123456789012:stack/Mysfits-dev-Api/1",
    ),
    ("ec2:RunInstances", "arn:aws:ec2:eu-west-1:123456789012:instance/*"),
    ("kms:CreateGrant", "arn:aws:kms:eu-west-1:123456789012:key/1"),
    ("kms:PutKeyPolicy", "arn:aws:kms:eu-west-1:123456789012:key/1"),
    ("kms:TagResource", "arn:aws:kms:eu-west-1:123456789012:key/1"),
    ("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:123456789012:function:Mysfits-dev-Api-Function-1"),
    ("lambda:UpdateFunctionCode", "arn:aws:lambda:eu-west-1:123456789012:function:admin"),
    (
        "sagemaker:CreatePresignedNotebookInstanceUrl",
        "arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance/admin",
    ),
    ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:any"),
    ("sts:AssumeRole", "arn:aws:iam::123456789012:role/admin"),
];

#[test]
fn no_policy_leads_to_more_permissions() {
    let administrator = [("iam:PolicyARN", "arn:aws:iam::aws:policy/AdministratorAccess")];
    let other_boundary = [("iam:PermissionsBoundary", "arn:aws:iam::aws:policy/AdministratorAccess")];
    let to_lambda = [("iam:PassedToService", "lambda.amazonaws.com")];
    for holder in HOLDERS {
        let identity = Identity::new(&scope(), holder);
        for (action, resource) in ESCALATIONS {
            for facts in [&[][..], &administrator, &other_boundary, &to_lambda, &REQUESTED] {
                // A service role has no caller but CloudFormation, which tags only what its stacks create.
                let is_of_stack = holder == PolicyHolder::ServiceRole && action == "kms:TagResource";
                let may = identity.may(action, resource, facts);
                assert!(is_of_stack || !may, "{holder:?} may {action} on {resource}");
            }
        }
    }
}

#[test]
fn roles_are_created_and_changed_only_with_the_boundary() {
    let scope = scope();
    let role = "arn:aws:iam::123456789012:role/mysfits/dev/eu-west-1/Mysfits-dev-Api-FunctionRole-1";
    let with = [("iam:PermissionsBoundary", scope.boundary())];
    for holder in [PolicyHolder::Deployer, PolicyHolder::ServiceRole] {
        let identity = Identity::new(&scope, holder);
        for action in ["iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"] {
            assert!(identity.may(action, role, &with), "{holder:?}: {action}");
            assert!(!identity.may(action, &role.replace("/dev/", "/prod/"), &with), "{holder:?}: {action}");
            assert!(!identity.may(action, &role.replace("eu-west-1", "eu-west-2"), &with), "{action}");
        }
        let logs = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs";
        let attach =
            |policy| identity.may("iam:AttachRolePolicy", role, &[with[0], ("iam:PolicyARN", policy)]);
        assert!(attach(logs));
        assert!(!attach("arn:aws:iam::aws:policy/AdministratorAccess"));
        assert!(!identity.may("iam:AttachRolePolicy", role, &[("iam:PolicyARN", logs)]));
    }
    // Removal stays forbidden where another policy allows all of IAM.
    let all = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": "iam:*", "Resource": "*" }],
    });
    let both = Identity::with(vec![all, policy(&scope, PolicyHolder::Deployer)]);
    assert!(both.may("iam:DeleteRole", role, &[]));
    assert!(!both.may("iam:DeleteRolePermissionsBoundary", role, &with));
}

#[test]
fn a_boundary_of_the_company_takes_the_place_of_the_default() {
    let arn = "arn:aws:iam::123456789012:policy/company/boundary";
    let identity = Identity::new(&scope().with_boundary(arn), PolicyHolder::Deployer);
    let role = "arn:aws:iam::123456789012:role/mysfits/dev/eu-west-1/Mysfits-dev-Api-FunctionRole-1";
    assert!(identity.may("iam:CreateRole", role, &[("iam:PermissionsBoundary", arn)]));
    assert!(!identity.may("iam:CreateRole", role, &[("iam:PermissionsBoundary", scope().boundary())]));
}

#[test]
fn a_role_of_a_stage_has_at_most_the_boundary() {
    // The policies of the role do not matter: even `*` on `*` leaves only what the boundary allows.
    let boundary = Identity::new(&scope(), PolicyHolder::Boundary);
    let own = "arn:aws:iam::123456789012:role/mysfits/dev/eu-west-1/Mysfits-dev-Model-ModelRole-1";
    assert!(boundary.may("iam:PassRole", own, &[("iam:PassedToService", "sagemaker.amazonaws.com")]));
    assert!(!boundary.may("iam:PassRole", own, &[("iam:PassedToService", "lambda.amazonaws.com")]));
    for action in ["iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:CreateRole"] {
        assert!(!boundary.may(action, own, &[("iam:PermissionsBoundary", scope().boundary())]), "{action}");
    }
    let bucket = "arn:aws:s3:::mysfits-dev-model-databucket-1";
    assert!(boundary.may("s3:GetObject", &format!("{bucket}/model.tar.gz"), &[]));
    assert!(!boundary.may("s3:PutBucketPolicy", bucket, &[]));
    assert!(!boundary.may("s3:GetObject", "arn:aws:s3:::other/key", &[]));
}

type OwnedFacts = Vec<(&'static str, &'static str)>;

/// Actions on the resources of this stage, with a resource and facts for which they are allowed.
fn own_resources() -> Vec<(&'static str, String, OwnedFacts)> {
    let arn = |service: &str, resource: &str| format!("arn:aws:{service}:eu-west-1:{ACCOUNT}:{resource}");
    let tagged = TAGGED.to_vec();
    vec![
        ("apigateway:PATCH", "arn:aws:apigateway:eu-west-1::/restapis/a1".to_owned(), tagged.clone()),
        (
            "apigateway:POST",
            "arn:aws:apigateway:eu-west-1::/restapis/a1/resources/b2".to_owned(),
            tagged.clone(),
        ),
        ("cloudformation:DeleteStack", arn("cloudformation", "stack/Mysfits-dev-Api/1"), vec![]),
        (
            "cloudfront:CreateInvalidation",
            format!("arn:aws:cloudfront::{ACCOUNT}:distribution/E1"),
            tagged.clone(),
        ),
        (
            "cloudfront:UpdateDistribution",
            format!("arn:aws:cloudfront::{ACCOUNT}:distribution/E1"),
            tagged.clone(),
        ),
        (
            "cloudfront:UpdateFunction",
            format!("arn:aws:cloudfront::{ACCOUNT}:function/Mysfits-dev-Site-eu-west-1-routes"),
            vec![],
        ),
        ("cloudwatch:DeleteAlarms", arn("cloudwatch", "alarm:Mysfits-dev-Api-ApiErrorsAlarm-1"), vec![]),
        (
            "iam:DeleteRole",
            format!("arn:aws:iam::{ACCOUNT}:role/mysfits/dev/eu-west-1/Mysfits-dev-Api-R"),
            vec![],
        ),
        ("kms:ScheduleKeyDeletion", arn("kms", "key/1"), tagged.clone()),
        ("lambda:UpdateFunctionCode", arn("lambda", "function:Mysfits-dev-Api-Function-1"), vec![]),
        ("logs:DeleteLogGroup", arn("logs", "log-group:/mysfits/dev/Api/function"), vec![]),
        (
            "s3:DeleteObject",
            "arn:aws:s3:::mysfits-dev-model-databucket-1/key".to_owned(),
            vec![("aws:ResourceAccount", ACCOUNT)],
        ),
        (
            "s3:PutObject",
            format!("arn:aws:s3:::mysfits-dev-{ACCOUNT}-eu-west-1/key"),
            vec![("aws:ResourceAccount", ACCOUNT)],
        ),
        ("sagemaker:DeleteEndpoint", arn("sagemaker", "endpoint/knn-ml-serverless-mysfits-dev"), vec![]),
        ("sagemaker:DeleteModel", arn("sagemaker", "model/model-1"), tagged.clone()),
        ("sagemaker:StopTrainingJob", arn("sagemaker", "training-job/knn-1-mysfits-dev"), vec![]),
        (
            "scheduler:DeleteSchedule",
            arn("scheduler", "schedule/default/Mysfits-dev-Model-ExpirySchedule-1"),
            vec![],
        ),
        ("sns:DeleteTopic", arn("sns", "Mysfits-dev-Api-AlarmTopic-1"), vec![]),
    ]
}

#[test]
fn a_stage_may_change_only_its_own_resources() {
    let identity =
        |name| Identity::new(&PolicyScope::new(ACCOUNT, "eu-west-1", stage(name)), PolicyHolder::Deployer);
    for (action, resource, facts) in own_resources() {
        assert!(identity("dev").may(action, &resource, &facts), "{action} on {resource}");
        // Names of which the stage's is a prefix, and the other way round.
        for other in ["prod", "dev-2", "de", "dev-api"] {
            assert!(!identity(other).may(action, &resource, &facts), "{other}: {action} on {resource}");
        }
        let elsewhere =
            Identity::new(&PolicyScope::new(ACCOUNT, "eu-west-2", stage("dev")), PolicyHolder::Deployer);
        // CloudFront's tags and the names of data buckets hold no region.
        if !["cloudfront", "s3:DeleteObject"].iter().any(|part| action.starts_with(part)) {
            assert!(!elsewhere.may(action, &resource, &facts), "other region: {action} on {resource}");
        }
        // The workshop's other modules have neither such names nor tags.
        let of_workshop = resource
            .replace("mysfits/dev/eu-west-1/", "")
            .replace("Mysfits-dev-", "MythicalMysfits-")
            .replace("mysfits-dev", "mythicalmysfits");
        let untagged: Facts<'_> = if facts.len() == 2 { &[] } else { &facts };
        if of_workshop != resource || facts.len() == 2 {
            assert!(!identity("dev").may(action, &of_workshop, untagged), "{action} on {of_workshop}");
        }
    }
}

#[test]
fn buckets_of_other_accounts_are_denied() {
    let identity = Identity::new(&scope(), PolicyHolder::Deployer);
    let bucket = format!("arn:aws:s3:::mysfits-dev-{ACCOUNT}-eu-west-1");
    for account in [ACCOUNT, "210987654321"] {
        let facts = [("aws:ResourceAccount", account)];
        assert_eq!(
            identity.may("s3:PutObject", &format!("{bucket}/lambda/1.zip"), &facts),
            account == ACCOUNT
        );
        assert_eq!(
            identity.may("s3:GetObject", &format!("{bucket}/lambda/1.zip"), &facts),
            account == ACCOUNT
        );
        assert_eq!(identity.may("s3:ListBucket", &bucket, &facts), account == ACCOUNT);
    }
}

#[test]
fn apis_are_created_with_tags_and_changed_by_tags() {
    let identity = Identity::new(&scope(), PolicyHolder::Deployer);
    let apis = "arn:aws:apigateway:eu-west-1::/restapis";
    assert!(identity.may("apigateway:POST", apis, &REQUESTED));
    assert!(!identity.may("apigateway:POST", apis, &[]));
    assert!(!identity.may("apigateway:POST", apis, &[REQUESTED[0], ("aws:RequestTag/stage", "prod")]));
    for action in ["DELETE", "GET", "PATCH", "POST", "PUT"].map(|verb| format!("apigateway:{verb}")) {
        let stage = format!("{apis}/a1/stages/prod");
        assert!(identity.may(&action, &stage, &TAGGED), "{action}");
        assert!(!identity.may(&action, &stage, &[]), "{action}");
    }
}

#[test]
fn domains_of_apis_are_created_with_tags_and_changed_by_tags() {
    let identity = Identity::new(&scope(), PolicyHolder::Deployer);
    let domains = "arn:aws:apigateway:eu-west-1::/domainnames";
    assert!(identity.may("apigateway:POST", domains, &REQUESTED));
    assert!(!identity.may("apigateway:POST", domains, &[]));
    for action in ["DELETE", "PATCH", "POST", "PUT"].map(|verb| format!("apigateway:{verb}")) {
        for below in ["api.example.com", "api.example.com/basepathmappings/(none)"] {
            let resource = format!("{domains}/{below}");
            assert!(identity.may(&action, &resource, &TAGGED), "{action} {resource}");
            assert!(!identity.may(&action, &resource, &[]), "{action} {resource}");
        }
    }
    let of = |service: &str| format!("arn:aws:iam::{ACCOUNT}:role/aws-service-role/{service}/AWSServiceRole");
    for (service, is_allowed) in [("ops.apigateway.amazonaws.com", true), ("ecs.amazonaws.com", false)] {
        let facts = [("iam:AWSServiceName", service)];
        assert_eq!(
            identity.may("iam:CreateServiceLinkedRole", &of(service), &facts),
            is_allowed,
            "{service}"
        );
    }
}

#[test]
fn what_has_neither_name_nor_tags_is_left_to_cloudformation() {
    let identity = Identity::new(&scope(), PolicyHolder::Deployer);
    for (action, resource) in [
        ("cloudfront:UpdateCachePolicy", "arn:aws:cloudfront::123456789012:cache-policy/1"),
        ("kms:CreateKey", "arn:aws:kms:eu-west-1:123456789012:key/*"),
        ("sns:Unsubscribe", "arn:aws:sns:eu-west-1:123456789012:topic:1"),
    ] {
        assert!(identity.may(action, resource, &[VIA]), "{action}");
        assert!(!identity.may(action, resource, &[]), "{action}");
        // A service role is only CloudFormation's.
        assert!(Identity::new(&scope(), PolicyHolder::ServiceRole).may(action, resource, &[]), "{action}");
    }
}

#[test]
fn with_a_service_role_only_that_role_is_passed() {
    let person = Identity::new(&scope(), PolicyHolder::DeployerWithServiceRole(SERVICE_ROLE));
    let to = [("iam:PassedToService", "cloudformation.amazonaws.com")];
    assert!(person.may("iam:PassRole", SERVICE_ROLE, &to));
    assert!(!person.may("iam:PassRole", SERVICE_ROLE, &[("iam:PassedToService", "lambda.amazonaws.com")]));
    assert!(!person.may("iam:PassRole", "arn:aws:iam::123456789012:role/admin", &to));
}
