# Sends a command to the deployed reconciler. Needs the AWS CLI 2 and jq; the answer is in the file $answer.
function=${NAME_PREFIX:-tracehook}-reconciler:live
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

invoke() {
    local error
    error=$(aws lambda invoke --function-name "$function" --cli-binary-format raw-in-base64-out \
        --cli-read-timeout 900 --payload "$1" --query FunctionError --output text "$answer")
    jq . "$answer"
    [[ $error == None ]] || { echo "the reconciler rejected the request" >&2; exit 1; }
}
