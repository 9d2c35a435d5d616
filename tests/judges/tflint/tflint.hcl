# All rules that are bundled with tflint. The rules about AWS are a plugin that tflint downloads, and are left out.
plugin "terraform" {
  enabled = true
  preset  = "all"
}

# A module's files are named for what they hold: a file of 30 variables in one group is easier to read than one of 80.
rule "terraform_standard_module_structure" {
  enabled = false
}
