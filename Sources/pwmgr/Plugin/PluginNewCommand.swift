import ArgumentParser
import Foundation
import PWCore

/// `pwmgr plugin new NAME`.
struct PluginNewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Write a plugin to start from: it works as it is.",
    discussion: """
      In Python it is one file, NAME, in the folder; in Swift a package, NAME/, that is built with 'swift build'. Nothing that is \
      there already is written over.

      Exit codes: 0, 1 if something is there already, 64 wrong use, 66 if there is no such package.
      """)

  @Argument(help: "What the site file's 'type:' will call it: lower-case letters, digits and '-'.")
  var name: String

  @Option(help: "The language: python or swift.")
  var language = Language.python

  @Option(
    help: ArgumentHelp("Where it is written.", valueName: "folder"), completion: .directory)
  var directory = "."

  @Option(
    help: ArgumentHelp("Where pwmgr's own package is, for Swift: its sources, or their address.", valueName: "package"))
  var package: String?

  /// The languages that there is a skeleton in.
  enum Language: String, CaseIterable, ExpressibleByArgument {
    case python, swift
  }

  func validate() throws {
    guard PluginDeclaration.isName(name) else {
      throw ValidationError(
        "'\(name)' is no name of a plugin: begin with a lower-case letter, and use only those, digits and '-', "
          + "\(PluginDeclaration.maximumNameOctets) at most")
    }
    guard !CompiledInPlugins.all.contains(where: { $0.name == name }) else {
      throw ValidationError("pwmgr has a plugin '\(name)' itself: choose another name")
    }
    if language == .swift, package == nil {
      throw ValidationError("for Swift, say where pwmgr's package is: --package /where/pwmgr/is")
    }
  }

  func run() throws {
    let folder = URL(filePath: directory)
    // As the hints name it.
    let prefix = directory == "." ? "" : directory.hasSuffix("/") ? directory : directory + "/"
    let files: [SkeletonFile] =
      switch language {
      case .python: PythonSkeleton.files(name: name, in: prefix)
      case .swift: SwiftSkeleton.files(name: name, in: prefix, package: try packagePlace())
      }
    for file in files {
      let url = folder.appending(path: file.path)
      guard !FileManager.default.fileExists(atPath: url.path) else {
        StandardError.write("pwmgr: \(url.path) is there already: it is left as it is")
        throw ExitStatus.failure.exit
      }
    }
    for file in files {
      let url = folder.appending(path: file.path)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(file.text.utf8).write(to: url)
      let mode = file.isExecutable ? 0o755 : 0o644
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: url.path)
      print("wrote \(url.path)")
    }
    print(files.last?.next ?? "")
  }
}

extension PluginNewCommand {
  /// The package as a manifest elsewhere can name it: an address, or a full path.
  private func packagePlace() throws -> String {
    guard let package, !package.contains("://") else { return package ?? "" }
    let url = URL(filePath: package)
    guard FileManager.default.fileExists(atPath: url.appending(path: "Package.swift").path) else {
      StandardError.write("pwmgr: there is no package in \(url.path): Package.swift is missing")
      throw ExitStatus.noInput.exit
    }
    return url.standardizedFileURL.path
  }
}

/// A file of a skeleton.
struct SkeletonFile {
  /// Below the folder.
  var path: String
  /// What is in it.
  var text: String
  /// Whether it is run.
  var isExecutable = false
  /// What to do next, at the last file.
  var next = ""
}
