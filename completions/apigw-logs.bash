# SPDX-License-Identifier: MIT
# Bash completion for apigw-logs(1). tests/docs holds it against --help.

_apigw_logs_profiles()
{
	sed -n 's/^[[:space:]]*\[[[:space:]]*\(profile[[:space:]]\{1,\}\)\{0,1\}\([^] ]\{1,\}\)[[:space:]]*\].*/\2/p' \
		"${AWS_CONFIG_FILE:-$HOME/.aws/config}" \
		"${AWS_SHARED_CREDENTIALS_FILE:-$HOME/.aws/credentials}" 2>/dev/null | sort -u
}

# The names of files that begin with $1, directories with a slash.
_apigw_logs_files()
{
	local IFS=$'\n'

	compopt -o filenames 2>/dev/null
	COMPREPLY=($(compgen -f -- "$1"))
}

_apigw_logs()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev= token i word command= skip= options
	local commands='setup-role setup-bucket enable-logging export status cancel verify cat doctor policy' topic=
	local common='--region --profile --endpoint-url --output --ca-bundle --connect-timeout
		--read-timeout --max-attempts --use-fips --use-dualstack --dry-run --quiet --verbose
		--no-progress --color --help --version'
	local select='--api --all-apis --stage --kind --log-group'

	COMPREPLY=()
	# Readline breaks words at '=': what is typed begins after the last blank.
	token=${COMP_LINE:0:COMP_POINT}
	token=${token##*[[:blank:]]}
	((COMP_CWORD > 0)) && prev=${COMP_WORDS[COMP_CWORD - 1]}
	case $token in
	--*=*)
		prev=${token%%=*}
		token=${token#*=}
		[[ $cur == '=' ]] && cur=
		[[ $cur == --*=* ]] && cur=${cur#*=}
		;;
	# A word break as well, but it stays in what is completed.
	@*) prev=--format ;;
	esac

	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [[ -n $skip ]]; then
			[[ $word == '=' ]] || skip=
			continue
		fi
		case $word in
		--region | --profile | --endpoint-url | --output | --ca-bundle | --connect-timeout | \
			--read-timeout | --max-attempts | --color) skip=yes ;;
		-*) ;;
		*)
			if [[ $command == help ]]; then
				topic=$word
			else
				command=$word
			fi
			[[ $command == help ]] || break
			;;
		esac
	done

	case $prev in
	--output) COMPREPLY=($(compgen -W 'text json ndjson' -- "$cur")) && return ;;
	--color) COMPREPLY=($(compgen -W 'auto always never' -- "$cur")) && return ;;
	--sse) COMPREPLY=($(compgen -W 'AES256 aws:kms' -- "$cur")) && return ;;
	--kind) COMPREPLY=($(compgen -W 'execution access both' -- "$cur")) && return ;;
	--level) COMPREPLY=($(compgen -W 'OFF ERROR INFO' -- "$cur")) && return ;;
	--window) COMPREPLY=($(compgen -W '1d 12h 8h 6h 4h 3h 2h 1h' -- "$cur")) && return ;;
	--source)
		[[ $command == export ]] && COMPREPLY=($(compgen -W 'events counts' -- "$cur")) && return
		;;
	--from | --to) COMPREPLY=($(compgen -W 'now today yesterday' -- "$cur")) && return ;;
	--profile) COMPREPLY=($(compgen -W "$(_apigw_logs_profiles)" -- "$cur")) && return ;;
	--ca-bundle | --report | --report-html | --sign | --against | --public-key) _apigw_logs_files "$cur" && return ;;
	--format)
		if [[ $token == @* ]]; then
			# Not "filenames", which would look for a file with the '@'.
			local IFS=$'\n'
			COMPREPLY=($(compgen -P @ -f -- "${token#@}"))
			[[ ${#COMPREPLY[@]} == 1 && -d ${COMPREPLY[0]#@} ]] &&
				COMPREPLY[0]+=/ && compopt -o nospace 2>/dev/null
		else
			COMPREPLY=($(compgen -W 'json clf csv xml @' -- "$cur"))
			[[ ${COMPREPLY[*]} == '@' ]] && compopt -o nospace 2>/dev/null
		fi
		return
		;;
	--region | --endpoint-url | --connect-timeout | --read-timeout | --max-attempts | --api | \
		--stage | --log-group | --bucket | --bucket-owner | --prefix | --settle | --timeout | --recheck | --jobs | --retention | \
		--role-name | --path | --permissions-boundary | --tag | --kms-key | --lock | --grep | --where | --request-id)
		return
		;;
	esac
	# A value that nothing matches.
	[[ $token == "${COMP_WORDS[COMP_CWORD]}" || $cur == -* || -z $cur ]] || return

	case $command in
	'') options= ;;
	setup-role) options='--role-name --path --permissions-boundary --tag --replace --remove' ;;
	setup-bucket) options='--bucket --bucket-owner --prefix --remove --kms-key --lock --tag --require-tls
		--versioning --transition --small-objects --expire --noncurrent-expire --abort-multipart' ;;
	enable-logging)
		options='--api --all-apis --stage --level --override-methods --data-trace
			--no-data-trace --metrics --no-metrics --access-log --no-access-log --format --retention --kms-key --remove'
		;;
	export) options="$select --bucket --bucket-owner --prefix --since-last --from --to --recheck --redo --window --settle --timeout
		--source --no-source --sse --strict" ;;
	status) options="$select --bucket --bucket-owner --prefix --from --to --watch" ;;
	cancel) options='--force' ;;
	verify) options="$select --bucket --bucket-owner --prefix --from --to --source --quick --allow-expired --jobs --all
		--report --report-html --sign --against --public-key" ;;
	cat) options="$select --bucket --bucket-owner --prefix --from --to --grep --where --request-id --raw --unordered" ;;
	policy) options='--api --all-apis --stage --log-group --role-name --bucket --bucket-owner --prefix' ;;
	doctor) options='--api --all-apis --stage --bucket --bucket-owner --prefix' ;;
	help) options= ;;
	*) return ;;
	esac
	if [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W "$options $common" -- "$cur"))
	elif [[ -z $command ]]; then
		COMPREPLY=($(compgen -W "$commands help version" -- "$cur"))
	elif [[ $command == help && -z $topic ]]; then
		COMPREPLY=($(compgen -W "$commands options" -- "$cur"))
	fi
}

complete -F _apigw_logs apigw-logs
