# Sends a command to the deployed reconciler. Needs the AWS CLI 2 and jq; the answer is in the file $answer.
function=${NAME_PREFIX:?NAME_PREFIX is the name_prefix of the deployment}-reconciler:live
echo "$function in ${AWS_REGION:-${AWS_DEFAULT_REGION:-the region of the profile}}" >&2
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

# true or false, as the variable says.
flag() {
    case ${!1:-} in
        "" | 0 | false) echo false ;;
        1 | true) echo true ;;
        *) echo "$1 is 1 or 0" >&2; exit 2 ;;
    esac
}

invoke() {
    local error
    error=$(aws lambda invoke --function-name "$function" --cli-binary-format raw-in-base64-out \
        --cli-read-timeout 900 --payload "$1" --query FunctionError --output text "$answer")
    jq . "$answer"
    [[ $error == None ]] || { echo "the reconciler rejected the request" >&2; exit 1; }
}
