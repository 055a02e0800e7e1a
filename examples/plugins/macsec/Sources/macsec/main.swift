import PWPluginKit

PluginExecutable.serve(MACsecPlugin())
