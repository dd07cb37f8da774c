# SPDX-License-Identifier: MIT
# Fish completion for apigw-logs(1). tests/docs holds it against --help.

function __apigw_logs_profiles
    set -l config ~/.aws/config
    set -l credentials ~/.aws/credentials
    set -q AWS_CONFIG_FILE; and set config $AWS_CONFIG_FILE
    set -q AWS_SHARED_CREDENTIALS_FILE; and set credentials $AWS_SHARED_CREDENTIALS_FILE
    sed -n 's/^[[:space:]]*\[[[:space:]]*\(profile[[:space:]]\{1,\}\)\{0,1\}\([^] ]\{1,\}\)[[:space:]]*\].*/\2/p' $config $credentials 2>/dev/null | sort -u
end

function __apigw_logs_formats
    printf '%s\n' json clf csv xml
    # Files after an '@', as a format of one's own.
    set -l token (string replace -r '^--format=' '' -- (commandline -ct))
    if string match -q '@*' -- $token
        printf '@%s\n' (string sub -s 2 -- $token)*
    end
end

# A command's options are not offered after "help COMMAND".
function __apigw_logs_command_from
    __fish_seen_subcommand_from $argv; and not __fish_seen_subcommand_from help
end

set -l commands setup-role setup-bucket enable-logging export status cancel verify cat doctor policy
set -l none "not __fish_seen_subcommand_from $commands help version"
complete -c apigw-logs -f
complete -c apigw-logs -n $none -a setup-role -d 'Create the role that API Gateway logs with, and set it'
complete -c apigw-logs -n $none -a setup-bucket -d 'Create or prepare the bucket that logs are exported to'
complete -c apigw-logs -n $none -a enable-logging -d 'Turn execution and access logs of stages on or off'
complete -c apigw-logs -n $none -a export -d 'Export logs to the bucket; verify and record each window'
complete -c apigw-logs -n $none -a status -d 'Show a calendar of what is exported, and which tasks run'
complete -c apigw-logs -n $none -a cancel -d 'Cancel an export task'
complete -c apigw-logs -n $none -a verify -d 'Check that the logs in the bucket are complete and undamaged'
complete -c apigw-logs -n $none -a cat -d 'Print archived events of a time range'
complete -c apigw-logs -n $none -a doctor -d 'Show which identity is used, and where logs get stuck'
complete -c apigw-logs -n $none -a policy -d 'Print the IAM policy that callers of commands need'
complete -c apigw-logs -n $none -a help -d 'Explain a command, or list the common options'
complete -c apigw-logs -n $none -a version -d 'Print the version'

set -l topic "__fish_seen_subcommand_from help; and not __fish_seen_subcommand_from $commands options"
complete -c apigw-logs -n $topic -a "$commands options" -d 'Help topic'

# Common
complete -c apigw-logs -l region -x -d 'The AWS region to work in'
complete -c apigw-logs -l profile -x -a '(__apigw_logs_profiles)' -d 'The profile in ~/.aws/config or ~/.aws/credentials'
complete -c apigw-logs -l endpoint-url -x -d 'Send all requests to this URL instead of to AWS'
complete -c apigw-logs -l output -x -a 'text json ndjson' -d 'The format of results and errors'
complete -c apigw-logs -l ca-bundle -r -F -d 'Trust only the certificate authorities in this PEM file'
complete -c apigw-logs -l connect-timeout -x -d 'How long to wait for a connection'
complete -c apigw-logs -l read-timeout -x -d 'How long to wait for the next byte of a reply'
complete -c apigw-logs -l max-attempts -x -d 'How many times a request is sent at most'
complete -c apigw-logs -l use-fips -d 'Use the FIPS 140 endpoints'
complete -c apigw-logs -l use-dualstack -d 'Use the endpoints that support IPv4 and IPv6'
complete -c apigw-logs -s n -l dry-run -d 'Show what would be done, and change nothing'
complete -c apigw-logs -s q -l quiet -d 'Print only what went wrong'
complete -c apigw-logs -s v -l verbose -d 'Print more; twice: show requests and replies'
complete -c apigw-logs -l no-progress -d 'Show no progress on a terminal'
complete -c apigw-logs -l color -x -a 'auto always never' -d 'When to use colours'
complete -c apigw-logs -s h -l help -d 'Print help'
complete -c apigw-logs -s V -l version -d 'Print the version'

set -l c '__apigw_logs_command_from setup-role'
complete -c apigw-logs -n $c -l role-name -x -d 'The name of the role'
complete -c apigw-logs -n $c -l path -x -d 'The path of a role that is created'
complete -c apigw-logs -n $c -l permissions-boundary -x -d 'The policy that limits what the role may do'
complete -c apigw-logs -n $c -l tag -x -d 'A tag of the role'
complete -c apigw-logs -n $c -l replace -d 'Replace the role that API Gateway uses now'
complete -c apigw-logs -n $c -l remove -d 'Remove the role that this command created'

set -l c '__apigw_logs_command_from enable-logging export status verify cat doctor policy'
complete -c apigw-logs -n $c -l api -x -d 'An API, by id, name or glob'
complete -c apigw-logs -n $c -l all-apis -d 'All APIs of the account in the region'
complete -c apigw-logs -n $c -l stage -x -d 'A stage, by name or glob'

set -l c '__apigw_logs_command_from enable-logging'
complete -c apigw-logs -n $c -l level -x -a 'OFF ERROR INFO' -d 'How much the execution log records'
complete -c apigw-logs -n $c -l override-methods -d 'Also set the level of methods that have one of their own'
complete -c apigw-logs -n $c -l data-trace -d 'Log requests and responses, bodies included'
complete -c apigw-logs -n $c -l no-data-trace -d 'Do not log requests and responses'
complete -c apigw-logs -n $c -l metrics -d 'Turn detailed CloudWatch metrics on'
complete -c apigw-logs -n $c -l no-metrics -d 'Turn detailed CloudWatch metrics off'
complete -c apigw-logs -n $c -l access-log -d 'Write an access log'
complete -c apigw-logs -n $c -l no-access-log -d 'Write no access log'
complete -c apigw-logs -n $c -l format -x -a '(__apigw_logs_formats)' -d 'The format of the access log'
complete -c apigw-logs -n $c -l retention -x -d 'Keep the events for this many days'
complete -c apigw-logs -n $c -l kms-key -x -d 'Encrypt the log groups with this KMS key'
complete -c apigw-logs -n $c -l remove -d 'Turn off what this command turns on'

set -l c '__apigw_logs_command_from setup-bucket export status verify cat doctor policy'
complete -c apigw-logs -n $c -l bucket -x -d 'The S3 bucket'
complete -c apigw-logs -n $c -l bucket-owner -x -d 'The account that must own the bucket'
complete -c apigw-logs -n $c -l prefix -x -d 'The prefix of all keys'

set -l c '__apigw_logs_command_from setup-bucket'
complete -c apigw-logs -n $c -l remove -d 'Remove what this command merged'
complete -c apigw-logs -n $c -l kms-key -x -d 'Encrypt new objects with this KMS key'
complete -c apigw-logs -n $c -l lock -x -d 'Lock the objects of a new bucket'
complete -c apigw-logs -n $c -l tag -x -d 'A tag of the bucket'
complete -c apigw-logs -n $c -l require-tls -d 'Deny all requests that do not use TLS'
complete -c apigw-logs -n $c -l versioning -d 'Keep the former versions of objects'
complete -c apigw-logs -n $c -l transition -x -d 'Move objects to another storage class'
complete -c apigw-logs -n $c -l small-objects -d 'Move objects below 128 KiB, too'
complete -c apigw-logs -n $c -l expire -x -d 'Delete objects and their ledger entries after this many days'
complete -c apigw-logs -n $c -l noncurrent-expire -x -d 'Delete former versions after this many days'
complete -c apigw-logs -n $c -l abort-multipart -x -d 'Delete unfinished uploads after this many days'

set -l c '__apigw_logs_command_from export status verify cat'
complete -c apigw-logs -n $c -l kind -x -a 'execution access both' -d 'Which logs'
complete -c apigw-logs -n $c -l log-group -x -d 'A log group, by name or glob, instead of APIs'
complete -c apigw-logs -n $c -l from -x -a 'yesterday today now' -d 'The beginning, included'
complete -c apigw-logs -n $c -l to -x -a 'yesterday today now' -d 'The end, not included'

set -l c '__apigw_logs_command_from export'
complete -c apigw-logs -n $c -l window -x -a '1d 12h 8h 6h 4h 3h 2h 1h' -d 'The length of a window'
complete -c apigw-logs -n $c -l settle -x -d 'Leave windows that ended less than this ago'
complete -c apigw-logs -n $c -l timeout -x -d 'Stop waiting after this long'
complete -c apigw-logs -n $c -l source -x -a 'events counts' -d 'Compare with CloudWatch Logs by events or by counts'
complete -c apigw-logs -n $c -l recheck -x -d 'Add events that came late to what is recorded of this time'
complete -c apigw-logs -n $c -l redo -d 'Export damaged windows again, and resolve overlaps'
complete -c apigw-logs -n $c -l since-last -d 'Continue each log group where its ledger ends'
complete -c apigw-logs -n $c -l sse -x -a 'AES256 aws:kms' -d 'Encrypt ledger entries as the policy of the bucket demands'
complete -c apigw-logs -n $c -l strict -d 'Exit with status 1 if a stage should log and its log group does not exist'
complete -c apigw-logs -n $c -l no-source -d 'Do not compare the exported events with CloudWatch Logs'

set -l c '__apigw_logs_command_from status'
complete -c apigw-logs -n $c -l watch -d 'Show it again every 10 seconds, until interrupted'

set -l c '__apigw_logs_command_from cancel'
complete -c apigw-logs -n $c -l force -d 'Cancel the task although another program created it'

set -l c '__apigw_logs_command_from verify'
complete -c apigw-logs -n $c -l source -d 'Also compare with CloudWatch Logs'
complete -c apigw-logs -n $c -l quick -d 'Only compare sizes, ETags and checksums with the ledger'
complete -c apigw-logs -n $c -l allow-expired -d 'Exit with status 0 although some logs expired before they were exported'
complete -c apigw-logs -n $c -l jobs -x -d 'Open at most this many connections to S3'
complete -c apigw-logs -n $c -l report -r -F -d 'Write what was verified as JSON'
complete -c apigw-logs -n $c -l report-html -r -F -d 'Write a page to read or print'
complete -c apigw-logs -n $c -l sign -r -F -d 'Sign the report with this private key'
complete -c apigw-logs -n $c -l against -r -F -d 'Also report what differs from an earlier report'
complete -c apigw-logs -n $c -l public-key -r -F -d 'Refuse an earlier report not signed with this key'
complete -c apigw-logs -n $c -l all -d 'Verify everything that is recorded, instead of a range'

set -l c '__apigw_logs_command_from cat'
complete -c apigw-logs -n $c -l grep -x -d 'Only events whose message matches'
complete -c apigw-logs -n $c -l where -x -d 'Only access log lines with this value'
complete -c apigw-logs -n $c -l request-id -x -d 'Only what was logged of this request'
complete -c apigw-logs -n $c -l raw -d 'Leave out the time stamp before each message'
complete -c apigw-logs -n $c -l unordered -d 'Do not sort by time'

set -l c '__apigw_logs_command_from policy'
complete -c apigw-logs -n $c -a "$commands" -d 'Command'
complete -c apigw-logs -n $c -l log-group -x -d 'A log group, by name or glob, instead of APIs'
complete -c apigw-logs -n $c -l role-name -x -d 'The role that setup-role creates'
